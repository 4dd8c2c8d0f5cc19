//! Rooms of communities.

use super::{Config, Dict, Editor, Settings, Value, array, dict};
use crate::community_url::CommunityUrl;
use crate::records::text;

const SERVERS: &[u8] = b"o";

/// A room that we are in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Room {
    /// Server, room as it is written, and the server's key.
    pub url: CommunityUrl,
    /// Settings of the conversation.
    pub settings: Settings,
}

fn read(base: &[u8], server: &Dict, key: &[u8], record: &Dict) -> Option<Room> {
    let key = std::str::from_utf8(key).ok()?;
    // The name as written, unless it is another's.
    let written = text(record, b"n");
    let room = if written.eq_ignore_ascii_case(key) { &written } else { key };
    let url = CommunityUrl::new(std::str::from_utf8(base).ok()?, room, array(server, b"#")?).ok()?;
    Some(Room { url, settings: Settings::read(record) })
}

/// One room, by its server's base URL and its name in any case.
#[must_use]
pub fn room(config: &Config, base: &str, room: &str) -> Option<Room> {
    let server = config.get(&[SERVERS, base.as_bytes()])?.as_dict()?;
    let key = room.to_ascii_lowercase();
    read(base.as_bytes(), server, key.as_bytes(), dict(dict(server, b"R")?, key.as_bytes())?)
}

/// All rooms, by server and name.
pub fn all_rooms(config: &Config) -> impl Iterator<Item = Room> {
    let servers = dict(config.data(), SERVERS).into_iter().flatten();
    servers.flat_map(|(base, server)| {
        let server = server.as_dict();
        let rooms = server.and_then(|server| dict(server, b"R")).into_iter().flatten();
        rooms.filter_map(move |(key, record)| read(base, server?, key, record.as_dict()?))
    })
}

/// Writes a record, and the key of its server.
pub fn set_room(config: &mut Config, room: &Room) {
    let key = room.url.room_key();
    let base = room.url.base().as_bytes();
    Editor::new(config, &[SERVERS, base]).set(b"#", room.url.server_key().as_slice());
    let mut record = Editor::new(config, &[SERVERS, base, b"R", key.as_bytes()]);
    record.set(b"n", room.url.room());
    room.settings.write(&mut record);
}

/// Erases a record, and its server with the last one. Says whether there was one.
pub fn erase_room(config: &mut Config, base: &str, room: &str) -> bool {
    let key = room.to_ascii_lowercase();
    let rooms: [&[u8]; 3] = [SERVERS, base.as_bytes(), b"R"];
    let erased = config.erase(&[rooms[0], rooms[1], rooms[2], key.as_bytes()]);
    if erased && config.get(&rooms).and_then(Value::as_dict).is_none() {
        config.erase(&rooms[..2]);
    }
    erased
}
