//! Direct messages sealed and opened (protocol: messages 2.1, 2.2).

use serde_json::Value;
use tacit_crypto::{Opened, open, seal, sealed as boxes, verify};

use super::case::{Case, Scripted};
use crate::report::Report;

/// Bytes of E and the tag in front of the encrypted inner part.
const HEAD: usize = 48;

/// Seals with the given ephemeral secret, byte for byte, and opens again.
pub fn sealed(section: &Value, report: &mut Report) {
    Case::new("sealed", section, report).each(|case| {
        let (sender, recipient) = (case.account("sender_seed16")?, case.account("recipient_seed16")?);
        let to = case.account_id("recipient")?;
        case.equal("recipient", to, recipient.x25519_public());
        let plaintext = case.bytes("plaintext")?;
        let signed = [&plaintext[..], &sender.ed25519_public(), &to].concat();
        case.equal_hex("signed_text", &signed)?;
        let signature = sender.sign(&signed);
        case.equal_hex("signature", &signature)?;
        case.equal("signature holds", Ok(()), verify(&sender.ed25519_public(), &signed, &signature));
        let inner = [&plaintext[..], &sender.ed25519_public(), &signature].concat();
        case.equal_hex("inner", &inner)?;

        let mut rng = Scripted::new(&[&case.bytes("ephemeral_secret")?]);
        let made = case.ok("seal", seal(&plaintext, &sender, &to, &mut rng))?;
        case.equal_hex("ciphertext", &made)?;
        let ephemeral: [u8; 32] = case.array("ephemeral_public")?;
        case.equal("ephemeral_public", Some(&ephemeral[..]), made.get(..32));
        case.equal_hex("nonce", &tacit_crypto::blake2b::hash192(&[&ephemeral, &to]))?;
        case.equal("length", HEAD + inner.len(), made.len());

        let opened = case.ok("open", open(&made, &recipient))?;
        check_opened(case, &opened, &plaintext)?;
        case.equal_hex("opened_sender_ed25519", &opened.sender_ed25519)
    });
}

fn check_opened(case: &mut Case<'_, '_>, opened: &Opened, plaintext: &[u8]) -> Option<()> {
    case.equal("opened plaintext", plaintext, &opened.plaintext);
    let id = [&[5][..], &opened.sender_x25519].concat();
    case.equal_hex("opened_sender", &id)
}

/// Every one is refused, for the given reason.
pub fn sealed_bad(section: &Value, report: &mut Report) {
    Case::new("sealed_bad", section, report).each(|case| {
        let recipient = case.account("recipient_seed16")?;
        let opened = open(&case.bytes("ciphertext")?, &recipient);
        case.equal_error(opened.map_err(|error| error.kind()))
    });
}

/// The shortest message opens to nothing; its recipient is that of the first case of `sealed`.
pub fn sealed_shortest(section: &Value, sealed: &Value, report: &mut Report) {
    let first = sealed.get(0).unwrap_or(&Value::Null);
    let recipient = Case::new("sealed[0]", first, report).account("recipient_seed16");
    let sender = Case::new("sealed[0]", first, report).account("sender_seed16");
    let mut case = Case::new("sealed_shortest", section, report);
    let (Some(recipient), Some(sender), Some(ciphertext)) = (recipient, sender, case.bytes("ciphertext")) else {
        return;
    };
    case.equal("length", boxes::OVERHEAD, ciphertext.len());
    let Some(opened) = case.ok("open", open(&ciphertext, &recipient)) else { return };
    case.equal("plaintext", 0, opened.plaintext.len());
    case.equal("sender", sender.ed25519_public(), opened.sender_ed25519);
}

/// The form whose bytes follow from the message.
pub fn sealed_deterministic(section: &Value, report: &mut Report) {
    let mut case = Case::new("sealed_deterministic", section, report);
    // None: a field was missing, which is in the report already.
    let _: Option<()> = deterministic(&mut case);
}

fn deterministic(case: &mut Case<'_, '_>) -> Option<()> {
    let (sender, to) = (case.account("sender_seed16")?, case.account_id("recipient")?);
    let plaintext = case.bytes("plaintext")?;
    let made = case.ok("seal", boxes::seal_deterministic(&plaintext, &sender, &to))?;
    case.equal_hex("ciphertext", &made)
}
