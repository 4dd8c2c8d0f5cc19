//! What is not accepted gets a sentence, and nothing is cut.

use std::rc::Rc;

use tacit_tests::harness::LocalNetwork;

use crate::stage::{Device, Stage, play, shot};

#[test]
fn every_wrong_account_id_gets_its_sentence() {
    let network = LocalNetwork::start(12, 2);
    play(async move {
        let (stage, device) = (Stage::new(network.profile()), Rc::new(Device::default()));
        let mara = stage.open_on("Mara", Rc::clone(&device));
        mara.create_account().await;
        let own = mara.own_id().await;
        let other = format!("05{}", "ab".repeat(32));
        mara.new_message().await;
        for (entry, sentence) in [
            ("hello".to_owned(), "That isn't an account ID: it has only the digits 0–9 and the letters a–f."),
            (format!("15{}", "ab".repeat(32)), "That isn't an account ID: it starts with 05."),
            (other[..40].to_owned(), "40 of 66"),
            (format!("{other}00"), "That is too long: an account ID has 66 letters and digits. This has 68."),
            (own, "That's you. It opens your Note to self."),
            (format!("  session:{}\n", other.to_uppercase()), "They see your first message as a request."),
        ] {
            mara.write("Account ID", &entry).await;
            mara.expect(sentence).await;
        }
        mara.write("Account ID", "").await;
        assert!(!mara.is_enabled("Next").await);
        device.copy(&other[..40]);
        mara.tap("Paste").await;
        mara.expect("That is too short: an account ID has 66 letters and digits. This has 40.").await;
        device.copy(&mara.client().phrases().await.unwrap().session13);
        mara.tap("Paste").await;
        mara.expect("That is a recovery phrase. Never give it to anybody.").await;
        assert_eq!(mara.value("Account ID"), "", "it is not shown");
        shot(&mara, "new-message-phrase").await;
        *device.picture.borrow_mut() = Some(b"no picture".to_vec());
        mara.tap("QR picture").await;
        mara.expect("This picture can't be read.").await;
        mara.close();
    });
}

#[test]
fn an_account_is_found_in_the_picture_of_its_code() {
    let network = LocalNetwork::start(12, 2);
    play(async move {
        let (stage, device) = (Stage::new(network.profile()), Rc::new(Device::default()));
        let bob = stage.open_on("Bob", Rc::clone(&device));
        bob.create_account().await;
        let bob_id = bob.own_id().await;
        bob.tap("Show my QR code").await;
        bob.tap("Save picture").await;
        bob.close();
        let alice = stage.open_on("Alice", device);
        alice.create_account().await;
        alice.new_message().await;
        alice.tap("QR picture").await;
        alice.expect("They see your first message as a request.").await;
        assert_eq!(alice.value("Account ID"), bob_id);
        alice.close();
    });
}

#[test]
fn a_text_over_the_limit_cannot_be_sent_and_nothing_of_it_is_cut() {
    let network = LocalNetwork::start(12, 2);
    play(async move {
        let stage = Stage::new(network.profile());
        let mara = stage.open("Mara");
        mara.create_account().await;
        let id = mara.own_id().await;
        mara.begin_conversation(&id).await;
        let long = "😀".repeat(2_038);
        mara.write("Message", &long).await;
        mara.expect("38 too many").await;
        assert!(!mara.is_enabled("Send").await);
        assert_eq!(mara.value("Message"), long);
        let fits = "é".repeat(2_000);
        mara.write("Message", &fits).await;
        mara.expect("0 left").await;
        mara.tap("Send").await;
        mara.until("the text", |_| (mara.bubbles() == [fits.clone()]).then_some(())).await;
        mara.write("Message", "  \n ").await;
        mara.tap("Send").await;
        mara.until("an empty field", |_| mara.value("Message").is_empty().then_some(())).await;
        assert_eq!(mara.bubbles().len(), 1, "white space alone is no message");
        mara.close();
    });
}
