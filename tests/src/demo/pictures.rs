//! Pictures of windows.

use std::path::Path;
use std::time::Duration;

use slint::ComponentHandle as _;

use super::hand::{Hand, pause};

/// Saves what the window shows, once what moves has come to rest.
pub async fn picture(hand: &Hand, file: &Path) {
    // Screens slide for 220 ms; a cursor is no reason to wait longer.
    pause(Duration::from_millis(350)).await;
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    // A real window can be pictured after its first frame.
    let buffer = hand.until("a picture", |app| app.window().take_snapshot().ok()).await;
    let (width, height) = (buffer.width(), buffer.height());
    image::save_buffer(file, buffer.as_bytes(), width, height, image::ColorType::Rgba8).unwrap();
}
