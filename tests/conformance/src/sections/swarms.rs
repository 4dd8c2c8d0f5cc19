//! Which swarm keeps an account (protocol: network 6).

use serde_json::Value;
use tacit_wire::{AccountId, SwarmId, swarm};

use super::case::Case;
use crate::report::Report;

/// Maps accounts over the swarms of the section, and over those of each edge case.
pub fn swarm_mapping(section: &Value, report: &mut Report) {
    let mut section = Case::new("swarm_mapping", section, report);
    let Some(swarms) = swarms(&mut section) else { return };
    section.each_of("cases", |case| {
        let account: AccountId = case.parsed("pubkey")?;
        let space = case.text("space")?;
        case.equal("space", space, &format!("{:016x}", swarm::space(&account)));
        check(case, &account, &swarms)
    });
    section.each_of("edge", |case| {
        let account: AccountId = case.parsed("pubkey")?;
        let swarms = self::swarms(case)?;
        check(case, &account, &swarms)
    });
}

fn swarms(case: &mut Case<'_, '_>) -> Option<Vec<SwarmId>> {
    let texts = case.texts("swarms")?;
    let swarms: Result<Vec<SwarmId>, _> = texts.iter().map(|text| text.parse()).collect();
    let swarms = case.ok("swarms", swarms)?;
    case.equal(
        "swarms",
        &texts,
        &swarms.iter().map(SwarmId::to_string).collect::<Vec<_>>().iter().map(String::as_str).collect(),
    );
    Some(swarms)
}

fn check(case: &mut Case<'_, '_>, account: &AccountId, swarms: &[SwarmId]) -> Option<()> {
    let expected = case.text("swarm")?.to_owned();
    let got = swarm::swarm_of(account, swarms).map(|swarm| swarm.to_string());
    case.equal("swarm", Some(expected), got);
    Some(())
}
