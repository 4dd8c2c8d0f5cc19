//! The app lock.

use slint::ComponentHandle as _;
use tacit_client::NotifyLevel;
use tacit_tests::harness::LocalNetwork;

use crate::chat::Pair;
use crate::files::picture;
use crate::stage::{Stage, play, shot};

const PASSPHRASE: &str = "seven wet stones";

#[test]
fn a_lock_is_put_on_and_opens_with_its_passphrase_alone() {
    let network = LocalNetwork::start(12, 2);
    play(async move {
        let stage = Stage::new(network.profile());
        let mara = stage.open("Mara");
        mara.create_account().await;
        mara.tap_beginning("Profile and settings").await;
        mara.tap("Privacy").await;
        mara.tap_beginning("App lock").await;
        mara.tap_beginning("Passphrase, ").await;
        mara.write("Passphrase", "short").await;
        assert!(!mara.is_enabled("Continue").await, "five letters are no lock");
        mara.write("Passphrase", PASSPHRASE).await;
        mara.tap("Continue").await;
        mara.expect("The same passphrase again").await;
        mara.write("Passphrase", "seven wet stone").await;
        mara.tap("Turn on").await;
        mara.expect_part("That isn't the same passphrase as before.").await;
        mara.write("Passphrase", PASSPHRASE).await;
        mara.tap("Turn on").await;
        mara.expect_part("Change passphrase").await;
        shot(&mara, "app-lock-on").await;
        let id = mara.client().account_id().to_hex();
        mara.close();
        assert!(!stage.folder("Mara").join("key").exists(), "the bare key is gone");

        let mara = stage.open("Mara");
        mara.expect("Tacit is locked").await;
        assert!(!mara.sees("Chats"), "nothing is drawn behind it");
        mara.write("Passphrase", "seven dry stones").await;
        mara.tap("Unlock").await;
        mara.expect("That isn't your passphrase.").await;
        shot(&mara, "lock-wrong").await;
        mara.write("Passphrase", PASSPHRASE).await;
        mara.tap("Unlock").await;
        mara.expect("Chats").await;
        assert_eq!(mara.client().account_id().to_hex(), id);

        mara.tap_beginning("Profile and settings").await;
        mara.tap("Privacy").await;
        mara.tap_beginning("App lock").await;
        mara.tap("Off").await;
        mara.write("Passphrase", PASSPHRASE).await;
        mara.tap("Continue").await;
        mara.expect_part("Whoever holds this device unlocked").await;
        mara.close();
        let mara = stage.open("Mara");
        mara.expect("Chats").await;
        mara.close();
    });
}

#[test]
fn a_notification_tapped_while_the_app_is_locked_leads_to_its_chat_after_the_unlock() {
    let network = LocalNetwork::start(12, 2);
    play(async move {
        let stage = Stage::new(network.profile());
        let pair = Pair::meet(&stage).await;
        let (alice, bob, folder) = (&pair.alice, &pair.bob, tempfile::tempdir().unwrap());
        let client = bob.client();
        client.change_settings(|settings| settings.notify_level = NotifyLevel::NameAndText).await.unwrap();
        bob.until("all to be read", |_| (bob.unread() == 0).then_some(())).await;
        bob.tap("Back").await;
        bob.tap_beginning("Profile and settings").await;
        bob.tap("Privacy").await;
        bob.tap_beginning("App lock").await;
        bob.tap_beginning("Passphrase, ").await;
        bob.write("Passphrase", PASSPHRASE).await;
        bob.tap("Continue").await;
        bob.write("Passphrase", PASSPHRASE).await;
        bob.tap("Turn on").await;
        bob.expect_part("Change passphrase").await;

        bob.app().hide().unwrap();
        bob.expect("Tacit is locked").await;
        *pair.alices.files.borrow_mut() = vec![picture(folder.path(), "sea.png", 90, 60)];
        alice.tap("Attach").await;
        alice.tap("Photos").await;
        alice.expect_part("sea.").await;
        alice.tap("Send").await;
        let told = |_: &_| pair.bobs.notices.borrow().first().map(|notice| (notice.title.clone(), notice.body.clone()));
        assert_eq!(bob.until("the notification", told).await, ("Alice".to_owned(), "Photo".to_owned()));

        pair.bobs.tap_notice();
        bob.until("the window", |app| app.window().is_visible().then_some(())).await;
        bob.write("Passphrase", PASSPHRASE).await;
        bob.tap("Unlock").await;
        bob.expect_field("Message").await;
        bob.expect_part("Alice: 1 picture, ").await;
        pair.close();
    });
}
