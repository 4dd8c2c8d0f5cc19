//! Whom a client believes, and whom not.

use super::*;

const NOW: TimestampMs = TimestampMs(T * 1000 + 5000);

fn signed(document: &Consensus, signing: &[u8]) -> SignedConsensus {
    let body = document.to_bytes();
    let digest = digest(&body);
    let signatures = signing.iter().map(|number| (id(*number), sign_digest(&digest, &keys(*number)))).collect();
    SignedConsensus { body, signatures }
}

fn trust() -> Trust {
    Trust::new(set(&[20, 21, 22], 2))
}

fn document() -> Consensus {
    consensus(&[20, 21, 22], 2)
}

/// The refusal; and nothing has changed.
fn refused(trust: &mut Trust, document: &SignedConsensus, now: TimestampMs) -> Refused {
    let before = trust.clone();
    let refused = trust.accept(document, now).unwrap_err();
    assert_eq!(*trust, before);
    refused
}

#[test]
fn enough_registrars_are_believed_and_the_same_again_is_no_news() {
    let mut trust = trust();
    let document = document();
    let by_two = signed(&document, &[120, 122]);
    assert_eq!(trust.accept(&by_two, NOW), Ok(Accepted::Newer(Box::new(document.clone()))));
    assert_eq!(trust.accept(&by_two, NOW), Ok(Accepted::Same));
    assert_eq!(trust.accept(&signed(&document, &[120, 121, 122]), NOW), Ok(Accepted::Same));
    assert_eq!(trust.number(), Some(T));
}

#[test]
fn one_less_than_enough_is_too_few_however_often_it_signs() {
    let (mut trust, document) = (trust(), document());
    let too_few = Refused::TooFewSignatures { valid: 1, needed: 2 };
    assert_eq!(refused(&mut trust, &signed(&document, &[120]), NOW), too_few);
    assert_eq!(refused(&mut trust, &signed(&document, &[120, 120]), NOW), too_few, "the same one twice");
    assert_eq!(refused(&mut trust, &signed(&document, &[120, 130]), NOW), too_few, "with an unknown one");
    assert_eq!(refused(&mut trust, &signed(&document, &[120, 21]), NOW), too_few, "with an identity key");
    let mut twice = document.clone();
    let second = Certificate::issue(&keys(20), id(121), TimestampMs(0), TimestampMs(2 * T * 1000));
    twice.registrars[1].certificate = second;
    assert_eq!(refused(&mut trust, &signed(&twice, &[120, 121]), NOW), too_few, "one registrar with two keys");
    let mut forged = signed(&document, &[120, 121]);
    forged.signatures[1].1 = forged.signatures[0].1;
    assert_eq!(refused(&mut trust, &forged, NOW), too_few, "another's signature");
}

#[test]
fn registrars_that_a_document_names_itself_do_not_count() {
    let mut trust = trust();
    let mut own = consensus(&[30, 31, 32], 2);
    assert_eq!(refused(&mut trust, &signed(&own, &[130, 131, 132]), NOW), Refused::OtherNetwork);
    own.network = *trust.network();
    let none = Refused::TooFewSignatures { valid: 0, needed: 2 };
    assert_eq!(refused(&mut trust, &signed(&own, &[130, 131, 132]), NOW), none);
}

#[test]
fn a_certificate_counts_in_its_time_only() {
    let mut trust = trust();
    let mut document = document();
    for entry in &mut document.registrars {
        let until = TimestampMs(T * 1000);
        entry.certificate = Certificate::issue(&keys(20), id(120), TimestampMs(0), until);
    }
    let refused = refused(&mut trust, &signed(&document, &[120]), NOW);
    assert_eq!(refused, Refused::TooFewSignatures { valid: 0, needed: 2 });
}

#[test]
fn time_has_two_borders() {
    let mut trust = trust();
    let by_two = signed(&document(), &[120, 121]);
    let early = TimestampMs(T * 1000 - 300_001);
    assert_eq!(refused(&mut trust, &by_two, early), Refused::NotYet);
    assert_eq!(refused(&mut trust, &by_two, document().valid_until), Refused::Expired);
    assert!(trust.accept(&by_two, TimestampMs(T * 1000 - 300_000)).is_ok());
}

#[test]
fn an_older_one_and_a_second_truth_are_refused() {
    let mut trust = trust();
    let mut newer = document();
    newer.number += 60;
    newer.valid_after = newer.valid_after.plus_ms(60_000);
    let now = NOW.plus_ms(60_000);
    trust.accept(&signed(&newer, &[120, 121]), now).unwrap();
    assert_eq!(refused(&mut trust, &signed(&document(), &[120, 121]), now), Refused::Older);
    newer.random = [8; 32];
    assert_eq!(refused(&mut trust, &signed(&newer, &[120, 121]), now), Refused::Forked(T + 60));
}

#[test]
fn after_a_restart_the_last_document_still_bars_older_ones() {
    let mut again = trust();
    let by_two = signed(&document(), &[120, 121]);
    assert_eq!(again.resume(&by_two), Ok(document()));
    assert_eq!(again.number(), Some(T));
    assert!(trust().resume(&signed(&document(), &[120])).is_err());
}

fn rotation(from: &[u8], to: &[u8], signers: &[u8]) -> Rotation {
    let first = set(&[20, 21, 22], 2);
    let mut rotation = Rotation::new(first.digest(), T, set(from, 2).digest(), set(to, 2));
    signers.iter().for_each(|number| rotation.sign(&keys(*number)));
    rotation
}

#[test]
fn registrars_hand_over_to_others() {
    let change = rotation(&[20, 21, 22], &[21, 22, 23], &[21, 22, 23]);
    assert_eq!(Rotation::parse(&change.to_bytes()), Ok(change.clone()));
    let mut document = consensus(&[21, 22, 23], 2);
    document.network = *trust().network();
    document.rotations = vec![change.to_bytes()];
    let mut trust = trust();
    trust.accept(&signed(&document, &[122, 123]), NOW).unwrap();
    assert_eq!(trust.set(), &set(&[21, 22, 23], 2));

    let mut again = Trust::new(set(&[20, 21, 22], 2));
    again.resume_mark(&trust.mark().unwrap());
    assert_eq!(again, trust, "after a restart as before it");

    // Those who left are believed no more, and nobody goes back behind the change.
    let mut later = document.clone();
    later.number += 1;
    later.valid_after = later.valid_after.plus_ms(1000);
    later.rotations.clear();
    later.registrars[0] = RegistrarEntry { certificate: certificate(20), url: String::new() };
    let too_few = Refused::TooFewSignatures { valid: 1, needed: 2 };
    assert_eq!(refused(&mut trust, &signed(&later, &[120, 122]), NOW), too_few);
}

#[test]
fn too_few_cannot_hand_over() {
    let first = set(&[20, 21, 22], 2);
    let network = first.digest();
    for signers in [[20, 23, 24].as_slice(), &[20, 21, 23], &[23, 24, 25]] {
        let change = rotation(&[20, 21, 22], &[23, 24], signers);
        assert!(matches!(change.apply(&network, &first), Err(Error::Crypto(_))), "{signers:?}");
    }
    let change = rotation(&[20, 21, 22], &[23, 24], &[20, 21, 23, 24]);
    assert_eq!(change.apply(&network, &first), Ok(set(&[23, 24], 2)));
    assert!(change.apply(&network, &set(&[20, 21], 2)).is_err(), "it follows another set");
    assert!(change.apply(&[1; 32], &first).is_err(), "it is another network's");
}

#[test]
fn a_set_needs_a_majority() {
    let two = || vec![id(20), id(21)];
    assert!(RegistrarSet::new(two(), 1).is_err(), "both could sign two truths");
    assert!(RegistrarSet::new(two(), 3).is_err());
    assert!(RegistrarSet::new(vec![id(20), id(20)], 2).is_err());
    assert!(RegistrarSet::new(Vec::new(), 0).is_err());
    assert_eq!(set(&[20, 21], 2).digest(), set(&[21, 20], 2).digest());
}
