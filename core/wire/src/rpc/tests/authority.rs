//! Who may do what, as far as a request says it itself.

use tacit_crypto::NodeKeys;

use crate::rpc::*;
use crate::testing::account;
use crate::{AccountId, MessageHash, Namespace, Namespaces, Prefix, TimestampMs, signing};

const NOW: TimestampMs = TimestampMs(1_760_000_000_123);

/// A group whose admin gave a member a subaccount.
struct Member {
    group: AccountId,
    keys: NodeKeys,
    subaccount: Subaccount,
}

fn member(prefix: u8, access: Access) -> Member {
    let admin = NodeKeys::from_seed(&[1; 32]);
    let keys = NodeKeys::from_seed(&[2; 32]);
    let mut token = [0; 36];
    (token[0], token[1]) = (prefix, access.0);
    token[4..].copy_from_slice(&keys.ed25519_public());
    let group = AccountId::new(Prefix::Group, &admin.ed25519_public());
    Member { group, keys, subaccount: Subaccount { token: SubaccountToken(token), signature: admin.sign(&token) } }
}

impl Signer for Member {
    fn account(&self) -> AccountId {
        self.group
    }

    fn auth(&self, text: &[u8]) -> Auth {
        let subaccount = Some(self.subaccount.clone());
        Auth { signature: self.keys.sign(text), pubkey_ed25519: None, subaccount }
    }
}

fn texts(result: Result<(), Rejection>) -> Option<(u16, String)> {
    result.err().map(|rejection| (rejection.status, rejection.text))
}

fn hash() -> MessageHash {
    MessageHash::from_bytes(&[5; 32])
}

#[test]
fn anybody_may_store_in_public_namespaces_only() {
    let store = |namespace| Store::public(AccountId::from_x25519(&[9; 32]), namespace, NOW, 60_000, Vec::new());
    assert_eq!(texts(store(Namespace::MESSAGES).verify_auth()), None);
    let expected = (401, "store: signature required to store to namespace 2".to_owned());
    assert_eq!(texts(store(Namespace::PROFILE).verify_auth()), Some(expected));
}

#[test]
fn a_retrieve_needs_a_signature_except_where_all_may_read() {
    let retrieve = |namespace| Retrieve {
        auth: None,
        timestamp: None,
        ..Retrieve::signed(&account(1), namespace, None, None, NOW)
    };
    let expected = Some((401, "retrieve: request signature required".to_owned()));
    assert_eq!(texts(retrieve(Namespace::MESSAGES).verify_auth()), expected);
    assert_eq!(texts(retrieve(Namespace::GROUP_REVOKED).verify_auth()), expected);
    assert_eq!(texts(retrieve(Namespace::LEGACY_GROUP).verify_auth()), None);
    assert_eq!(texts(retrieve(Namespace(-21)).verify_auth()), None);
}

#[test]
fn a_signature_of_somebody_else_is_refused_with_the_text_of_the_method() {
    let (alice, eve) = (account(1), account(2));
    let forge = |text: &[u8]| Auth { signature: eve.sign(text), ..alice.auth(text) };
    let mut store = Store::signed(&alice, Namespace::PROFILE, NOW, 1, Vec::new(), NOW);
    store.auth = Some(forge(&store.signed_text()));
    let mut retrieve = Retrieve::signed(&alice, Namespace::MESSAGES, None, None, NOW);
    retrieve.auth = Some(forge(&retrieve.signed_text()));
    let mut delete = Delete::signed(&alice, vec![hash()], false);
    delete.auth = forge(&delete.signed_text());
    let mut delete_all = DeleteAll::signed(&alice, Namespace::MESSAGES.into(), NOW);
    delete_all.auth = forge(&delete_all.signed_text());
    let mut expire = Expire::signed(&alice, vec![hash()], vec![NOW], ExpiryChange::Any);
    expire.auth = forge(&expire.signed_text());
    let mut get_expiries = GetExpiries::signed(&alice, Selection::All, NOW);
    get_expiries.auth = forge(&get_expiries.signed_text());
    for (request, text) in [
        (Request::Store(store), "store signature verification failed"),
        (Request::Retrieve(retrieve), "retrieve signature verification failed"),
        (Request::Delete(delete), "delete_msgs signature verification failed"),
        (Request::DeleteAll(delete_all), "delete_all signature verification failed"),
        (Request::Expire(expire), "expire: signature verification failed"),
        (Request::GetExpiries(get_expiries), "get_expiries signature verification failed"),
    ] {
        assert_eq!(texts(request.verify_auth()), Some((401, text.to_owned())));
    }
}

#[test]
fn the_ed25519_key_must_be_the_accounts_own() {
    let (alice, eve) = (account(1), account(2));
    let text = signing::retrieve(Namespace::MESSAGES, NOW);
    let auth = eve.auth(&text);
    assert!(auth.allows(&eve.account(), &text, Access::READ));
    assert!(!auth.allows(&alice.account(), &text, Access::READ), "Eve's key is not Alice's");
    let without = Auth { pubkey_ed25519: None, ..eve.auth(&text) };
    assert!(!without.allows(&eve.account(), &text, Access::READ), "05 accounts need the key");
    let small_order = Auth { pubkey_ed25519: Some([1; 32]), ..eve.auth(&text) };
    assert!(!small_order.allows(&eve.account(), &text, Access::READ));
}

#[test]
fn groups_sign_with_the_key_of_their_name() {
    let admin = NodeKeys::from_seed(&[1; 32]);
    let group = AccountId::new(Prefix::Group, &admin.ed25519_public());
    let text = signing::retrieve(Namespace::GROUP_MESSAGES, NOW);
    let auth = Auth { signature: admin.sign(&text), pubkey_ed25519: None, subaccount: None };
    assert!(auth.allows(&group, &text, Access::READ));
    assert!(!auth.allows(&group, b"another text", Access::READ));
}

#[test]
fn a_subaccount_does_what_its_token_allows_and_no_more() {
    let messages = vec![hash()];
    for (access, may) in [
        (Access::READ, [true, false, false, false]),
        (Access::WRITE, [false, true, false, false]),
        (Access::DELETE, [false, false, true, false]),
        (Access::WRITE.and(Access::DELETE), [false, true, true, true]),
    ] {
        let member = member(3, access);
        let retrieve = Retrieve::signed(&member, Namespace::GROUP_MESSAGES, None, None, NOW);
        let store = Store::signed(&member, Namespace::GROUP_MESSAGES, NOW, 60_000, Vec::new(), NOW);
        let delete = Delete::signed(&member, messages.clone(), false);
        let outbox = Store::signed(&member, Namespace(-21), NOW, 60_000, Vec::new(), NOW);
        let did = [
            retrieve.verify_auth().is_ok(),
            store.verify_auth().is_ok(),
            delete.verify_auth().is_ok(),
            outbox.verify_auth().is_ok(),
        ];
        assert_eq!(did, may, "{access:?}");
    }
}

#[test]
fn sweeps_with_a_time_need_delete_access() {
    for (access, allowed) in [(Access::DELETE, true), (Access::READ.and(Access::WRITE), false)] {
        let member = member(3, access);
        let before = DeleteBefore::signed(&member, Namespaces::All, NOW).verify_auth();
        assert_eq!(texts(before), (!allowed).then(|| (401, "delete_before signature verification failed".to_owned())));
        let expire = ExpireAll::signed(&member, Namespaces::All, NOW).verify_auth();
        assert_eq!(texts(expire), (!allowed).then(|| (401, "expire_all signature verification failed".to_owned())));
    }
}

#[test]
fn only_the_account_itself_revokes() {
    let everything = Access::READ.and(Access::WRITE).and(Access::DELETE);
    let (owner, member) = (account(1), member(3, everything));
    for (revoke, text) in [
        (true, "revoke_subaccount signature verification failed"),
        (false, "unrevoke_subaccount signature verification failed"),
    ] {
        assert_eq!(Revocation::signed(&owner, revoke, vec![member.subaccount.token], NOW).verify_auth(), Ok(()));
        let by_member = Revocation::signed(&member, revoke, vec![member.subaccount.token], NOW);
        assert_eq!(texts(by_member.verify_auth()), Some((401, text.to_owned())));
        let body = Request::Revocation(by_member).to_body();
        assert_eq!(texts(Request::parse(&body).unwrap().verify_auth()), Some((401, text.to_owned())));
    }
    assert_eq!(RevokedSubaccounts::signed(&owner, NOW).verify_auth(), Ok(()));
    let text = "revoked_subaccounts signature verification failed".to_owned();
    assert_eq!(texts(RevokedSubaccounts::signed(&member, NOW).verify_auth()), Some((401, text)));
}

#[test]
fn a_subaccount_without_delete_access_only_extends() {
    let expire = |access, change| Expire::signed(&member(3, access), vec![hash()], vec![NOW], change);
    assert_eq!(texts(expire(Access::READ, ExpiryChange::Any).verify_auth()).unwrap().0, 401);
    let writer = expire(Access::WRITE, ExpiryChange::Any);
    assert_eq!((writer.verify_auth(), writer.allowed_change()), (Ok(()), ExpiryChange::Extend));
    let expected = "expire: shorten parameter cannot be used with this subaccount token (missing delete access)";
    let shorten = expire(Access::WRITE, ExpiryChange::Shorten);
    assert_eq!(texts(shorten.verify_auth()), Some((400, expected.to_owned())));
    let both = expire(Access::WRITE.and(Access::DELETE), ExpiryChange::Shorten);
    assert_eq!((both.verify_auth(), both.allowed_change()), (Ok(()), ExpiryChange::Shorten));
}

#[test]
fn a_token_for_other_accounts_or_not_signed_by_this_one_counts_for_nothing() {
    let retrieve = |member: &Member| Retrieve::signed(member, Namespace::GROUP_MESSAGES, None, None, NOW).verify_auth();
    assert!(retrieve(&member(3, Access::READ)).is_ok());
    assert!(retrieve(&member(5, Access::READ)).is_err(), "of another prefix");
    assert!(retrieve(&member(5, Access::READ.and(Access::ANY_PREFIX))).is_ok());
    let mut forged = member(3, Access::READ);
    forged.subaccount.signature[0] ^= 1;
    assert!(retrieve(&forged).is_err());
    let mut raised = member(3, Access::WRITE);
    raised.subaccount.token.0[1] |= Access::READ.0;
    assert!(retrieve(&raised).is_err(), "raised its own access");
}

#[test]
fn a_subaccounts_request_comes_back_from_json() {
    let request =
        Request::Retrieve(Retrieve::signed(&member(3, Access::READ), Namespace::GROUP_MESSAGES, None, None, NOW));
    assert_eq!(Request::parse(&request.to_body()), Ok(request.clone()));
    let mut json = request.to_json();
    json["params"]["subaccount"] = hex::encode(member(3, Access::READ).subaccount.token.0).into();
    assert_eq!(Request::parse(json.to_string().as_bytes()), Ok(request), "tokens in hexadecimal as well");
}
