//! Members of a group.

use tacit_config::Config;
use tacit_config::group::members::{self, Member, Status, Step};
use tacit_wire::AccountId;

use super::{Shown, fresh};
use crate::sections::case::Case;

/// Reads the record of the data, and writes it into a config that is empty.
pub(super) fn read_and_write(case: &mut Case<'_, '_>, config: &Config) -> Option<()> {
    let id: AccountId = case.parsed("session_id")?;
    let member = members::get(config, &id);
    let member = case.ok("session_id", member.ok_or("is no member"))?;
    let mut expected = case.object("read_back")?;
    let admin = expected.flag("admin")?;
    expected.equal("admin", admin, member.admin);
    let supplement = expected.flag("supplement")?;
    expected.equal("supplement", supplement, member.with_history);
    let pending = expected.flag("pending_send")?;
    expected.equal("pending_send", pending, member.is_to_be_sent());
    let numbers = [
        ("invite_status", member.invitation as i64),
        ("promotion_status", member.promotion as i64),
        ("removed_status", member.removal as i64),
        ("status", number(&member, pending)),
    ];
    for (field, got) in numbers {
        let number = expected.integer(field)?;
        expected.equal(field, number, got);
    }
    let mut written = fresh(config.kind())?;
    case.ok("set", members::set(&mut written, &member))?;
    case.equal("data", &Shown(config.data()), &Shown(written.data()));
    Some(())
}

/// The number that programs give a status.
fn number(member: &Member, sending: bool) -> i64 {
    let step = |step| match step {
        Step::NotSent => 1,
        Step::Sending => 2,
        Step::Failed => 3,
        Step::Sent => 4,
        Step::Accepted => 5,
    };
    match member.status(sending) {
        Status::Invitation(at) => step(at),
        Status::Promotion(at) => 6 + step(at),
        Status::Removed => 13,
        Status::RemovedWithMessages => 14,
    }
}
