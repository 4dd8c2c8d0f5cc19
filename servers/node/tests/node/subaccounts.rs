//! Members of a group act with the keys that its admin gave them, until he takes them back.

use serde_json::json;
use tacit_crypto::NodeKeys;
use tacit_wire::rpc::{
    Access, Auth, Delete, DeleteAll, DeleteBefore, Expire, ExpireAll, ExpiryChange, GetExpiries, Request, Retrieve,
    Revocation, RevocationAnswer, RevokedSubaccounts, Selection, Signer, Store, Subaccount, SubaccountToken,
};
use tacit_wire::{AccountId, Namespace, Namespaces, Prefix, base64};

use crate::harness::{Net, now};

/// The group's own key.
struct Admin(NodeKeys);

impl Signer for Admin {
    fn account(&self) -> AccountId {
        AccountId::new(Prefix::Group, &self.0.ed25519_public())
    }

    fn auth(&self, text: &[u8]) -> Auth {
        Auth { signature: self.0.sign(text), pubkey_ed25519: None, subaccount: None }
    }
}

/// Somebody with a key of his own.
pub struct Member {
    group: AccountId,
    keys: NodeKeys,
    subaccount: Subaccount,
}

impl Signer for Member {
    fn account(&self) -> AccountId {
        self.group
    }

    fn auth(&self, text: &[u8]) -> Auth {
        Auth { signature: self.keys.sign(text), pubkey_ed25519: None, subaccount: Some(self.subaccount.clone()) }
    }
}

fn admin() -> Admin {
    Admin(NodeKeys::from_seed(&[1; 32]))
}

fn member(number: u8, access: Access) -> Member {
    let keys = NodeKeys::from_seed(&[number; 32]);
    let mut token = [0; 36];
    (token[0], token[1]) = (Prefix::Group.byte(), access.0);
    token[4..].copy_from_slice(&keys.ed25519_public());
    let signature = admin().0.sign(&token);
    Member { group: admin().account(), keys, subaccount: Subaccount { token: SubaccountToken(token), signature } }
}

fn store(signer: &impl Signer, namespace: Namespace, text: &str) -> Store {
    Store::signed(signer, namespace, now(), 3_600_000, text.as_bytes().to_vec(), now())
}

fn retrieve(signer: &impl Signer, namespace: Namespace) -> Request {
    Request::Retrieve(Retrieve::signed(signer, namespace, None, None, now()))
}

/// One request of each method that a subaccount may sign, in the order of the columns below.
fn requests(who: &Member, of: &Store) -> Vec<Request> {
    let hash = || vec![of.hash()];
    let later = vec![now().plus_ms(7_200_000)];
    vec![
        retrieve(who, Namespace::GROUP_MESSAGES),
        Request::GetExpiries(GetExpiries::signed(who, Selection::Messages(hash()), now())),
        Request::Store(store(who, Namespace::GROUP_MESSAGES, "by a member")),
        Request::Expire(Expire::signed(who, hash(), later, ExpiryChange::Extend)),
        Request::Store(store(who, Namespace(-21), "to all")),
        Request::Delete(Delete::signed(who, hash(), false)),
        Request::DeleteAll(DeleteAll::signed(who, Namespace(99).into(), now())),
        Request::DeleteBefore(DeleteBefore::signed(who, Namespace(99).into(), now())),
        Request::ExpireAll(ExpireAll::signed(who, Namespace(99).into(), now())),
    ]
}

#[tokio::test]
async fn a_member_does_what_its_token_allows() {
    let net = Net::start(2, 1).await;
    let (read, write, delete) = (Access::READ, Access::WRITE, Access::DELETE);
    for (number, access, may) in [
        (2, read, [true, true, false, false, false, false, false, false, false]),
        (3, write, [false, false, true, true, false, false, false, false, false]),
        (4, delete, [false, false, false, false, false, true, true, true, true]),
        (5, write.and(delete), [false, false, true, true, true, true, true, true, true]),
        (6, Access(0), [false; 9]),
    ] {
        let of = store(&admin(), Namespace::GROUP_MESSAGES, &format!("for {number}"));
        assert_eq!(net.ask(0, &Request::Store(of.clone())).await.0, 200);
        for (request, may) in requests(&member(number, access), &of).into_iter().zip(may) {
            let (status, answer) = net.ask(0, &request).await;
            assert_eq!(status, if may { 200 } else { 401 }, "{access:?} {}: {answer}", request.method());
        }
    }
}

#[tokio::test]
async fn a_member_without_delete_access_makes_nothing_end_earlier() {
    let net = Net::start(1, 1).await;
    let writer = member(2, Access::WRITE);
    let of = store(&admin(), Namespace::GROUP_MESSAGES, "x");
    net.ask(0, &Request::Store(of.clone())).await;
    let expire =
        |change| Request::Expire(Expire::signed(&writer, vec![of.hash()], vec![now().plus_ms(60_000)], change));
    let (status, text) = net.ask(0, &expire(ExpiryChange::Shorten)).await;
    let expected = "expire: shorten parameter cannot be used with this subaccount token (missing delete access)";
    assert_eq!((status, text.as_str()), (400, Some(expected)));
    let (status, answer) = net.ask(0, &expire(ExpiryChange::Any)).await;
    let receipt = &answer["swarm"][net.node(0).ed25519.to_hex()];
    assert_eq!((status, &receipt["updated"]), (200, &json!([])), "it only extends");
    assert_eq!(receipt.get("unchanged"), None, "as without a direction");
    let request = GetExpiries::signed(&admin(), Selection::All, now());
    let (_, answer) = net.ask(0, &Request::GetExpiries(request)).await;
    assert_eq!(answer["expiries"][of.hash().as_str()], json!(of.expiry()));
}

#[tokio::test]
async fn a_revoked_member_is_shut_out_at_every_node_until_it_is_let_in_again() {
    let net = Net::start(3, 1).await;
    let everything = Access::READ.and(Access::WRITE).and(Access::DELETE);
    let (out, stays) = (member(2, everything), member(3, everything));
    let of = store(&admin(), Namespace::GROUP_MESSAGES, "before");
    assert_eq!(net.ask(0, &Request::Store(of.clone())).await.0, 200);
    let told = store(&admin(), Namespace::GROUP_REVOKED, "you are out");
    assert_eq!(net.ask(0, &Request::Store(told)).await.0, 200);

    let token = out.subaccount.token;
    let change = |revoke, at| Revocation::signed(&admin(), revoke, vec![token], at);
    let revoke = change(true, now());
    let (status, answer) = net.ask(1, &Request::Revocation(revoke.clone())).await;
    assert_eq!(status, 200, "{answer}");
    let answer: RevocationAnswer = serde_json::from_value(answer).unwrap();
    assert_eq!(answer.receipts().count(), 3);
    assert!(answer.receipts().all(|(node, r)| r.count == 1 && r.is_signed_by(node, &revoke)));

    for node in 0..3 {
        for request in requests(&out, &of) {
            let (status, answer) = net.ask(node, &request).await;
            let expected = tacit_wire::rpc::Rejection::signature(request.method());
            assert_eq!((status, answer.as_str()), (401, Some(expected.text.as_str())));
        }
        let (status, answer) = net.ask(node, &retrieve(&out, Namespace::GROUP_REVOKED)).await;
        assert_eq!((status, answer["messages"].as_array().unwrap().len()), (200, 1), "that it is out it may read");
        assert_eq!(net.ask(node, &retrieve(&stays, Namespace::GROUP_MESSAGES)).await.0, 200);
        let (_, answer) =
            net.ask(node, &Request::RevokedSubaccounts(RevokedSubaccounts::signed(&admin(), now()))).await;
        assert_eq!(answer["revoked_subaccounts"], json!([base64::encode(token.0)]));
        let (_, answer) = net.ask(node, &retrieve(&stays, Namespace::GROUP_MESSAGES)).await;
        assert_eq!(answer["messages"].as_array().unwrap().len(), 1, "nothing of all that changed anything");
    }

    let again = change(false, revoke.timestamp.plus_ms(1));
    let (_, answer) = net.ask(2, &Request::Revocation(again)).await;
    let answer: RevocationAnswer = serde_json::from_value(answer).unwrap();
    assert!(answer.receipts().all(|(_, receipt)| receipt.count == 1));
    for node in 0..3 {
        assert_eq!(net.ask(node, &retrieve(&out, Namespace::GROUP_MESSAGES)).await.0, 200);
    }
}

#[tokio::test]
async fn members_revoke_nobody() {
    let net = Net::start(1, 1).await;
    let somebody = member(2, Access(0xff));
    for (revoke, text) in [
        (true, "revoke_subaccount signature verification failed"),
        (false, "unrevoke_subaccount signature verification failed"),
    ] {
        let request = Revocation::signed(&somebody, revoke, vec![member(3, Access::READ).subaccount.token], now());
        let (status, answer) = net.ask(0, &Request::Revocation(request)).await;
        assert_eq!((status, answer.as_str()), (401, Some(text)));
    }
    let request = Request::RevokedSubaccounts(RevokedSubaccounts::signed(&admin(), now()));
    assert_eq!(net.ask(0, &request).await.1["revoked_subaccounts"], json!([]));
    assert_eq!(net.ask(0, &retrieve(&member(3, Access::READ), Namespace::GROUP_MESSAGES)).await.0, 200);
}

#[tokio::test]
async fn a_public_outbox_holds_one_message_that_all_may_read() {
    let net = Net::start(2, 1).await;
    let (outbox, unsigned) =
        (Namespace(-41), |namespace| json!({ "pubkey": admin().account(), "namespace": namespace }));
    for (later, text) in [(1, "first"), (2, "second"), (0, "older than both")] {
        let at = now().minus_ms(60_000).plus_ms(later * 10_000);
        let request = Store::signed(&admin(), outbox, at, 3_600_000, text.into(), now());
        assert_eq!(net.ask(0, &Request::Store(request)).await.0, 200);
    }
    for node in [0, 1] {
        let (status, answer) = net.call(node, "retrieve", unsigned(-41)).await;
        let answer: serde_json::Value = serde_json::from_str(&answer).unwrap();
        let messages = answer["messages"].as_array().unwrap();
        assert_eq!((status, messages.len()), (200, 1));
        assert_eq!(messages[0]["data"], base64::encode("second"));
        assert_eq!(net.call(node, "retrieve", unsigned(-10)).await.0, 200);
        for namespace in [0, -11, -20, -22, 21] {
            let expected = (401, "retrieve: request signature required".to_owned());
            assert_eq!(net.call(node, "retrieve", unsigned(namespace)).await, expected, "{namespace}");
        }
    }
    let everywhere = DeleteBefore::signed(&admin(), Namespaces::All, now());
    let (_, answer) = net.ask(0, &Request::DeleteBefore(everywhere)).await;
    let receipt = &answer["swarm"][net.node(1).ed25519.to_hex()];
    assert_eq!(receipt["deleted"]["-41"].as_array().unwrap().len(), 1, "{answer}");
}
