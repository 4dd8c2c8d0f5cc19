//! How it looks.

use slint::ComponentHandle as _;
use tacit_tests::harness::LocalNetwork;
use tacit_ui::Theme;

use crate::stage::{Stage, play, shot};

#[test]
fn the_theme_and_the_text_size_change_at_once_and_are_kept() {
    let network = LocalNetwork::start(12, 2);
    play(async move {
        let stage = Stage::new(network.profile());
        let mara = stage.open("Mara");
        mara.create_account().await;
        mara.tap_beginning("Profile and settings").await;
        mara.tap_beginning("Appearance").await;
        mara.tap("Dark").await;
        mara.until("darkness", |app| app.global::<Theme>().get_dark().then_some(())).await;
        mara.tap("Text size 130 %").await;
        shot(&mara, "appearance-dark-large").await;
        mara.close();

        let mara = stage.open("Mara");
        mara.expect("Chats").await;
        let theme = |app: &tacit_ui::App| (app.global::<Theme>().get_dark(), app.global::<Theme>().get_text_scale());
        mara.until("the look that was chosen", |app| (theme(app) == (true, 1.3)).then_some(())).await;
        mara.close();
    });
}
