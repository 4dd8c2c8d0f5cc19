//! The app lock.

use tacit_tests::harness::LocalNetwork;

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
