//! The public network of Session (protocol: network 2 and 7).

use super::{FileServer, NetworkProfile, Seed, min_common, min_pool, path_length};

impl NetworkProfile {
    /// The public network of Session (protocol: network 2).
    #[must_use]
    pub fn session() -> Self {
        let seed = |number: u8, spki: &str, cert: &str| Seed {
            url: format!("https://seed{number}.getsession.org"),
            pin_spki_sha256: Some(spki.to_owned()),
            pin_cert_sha256: Some(cert.to_owned()),
        };
        Self {
            name: "session".to_owned(),
            testnet: false,
            seeds: vec![
                seed(
                    1,
                    "mlYTXvkmIEYcpswANTpnBwlz9Cswi0py/RQKkbdQOZQ=",
                    "36:EA:0B:25:35:37:98:85:51:EE:85:6E:4F:D2:0D:55:01:1E:9C:8B:27:EA:A2:F3:4B:8F:32:A0:BD:F0:4F:2D",
                ),
                seed(
                    2,
                    "ZuUxe4wopBR83Yy5fePPNX0c00BnkQCu/49oapFpB0k=",
                    "C5:90:8D:D4:13:9A:CD:96:AE:DD:1E:45:57:65:97:65:08:09:C8:A5:EA:02:AF:55:6D:48:53:D4:53:96:E0:E7",
                ),
                seed(
                    3,
                    "4xe+8k1NjxerVTjUsWlZJNKt3PA7Y31pUls2tHYippA=",
                    "8A:0A:F2:C7:12:34:2F:22:CE:00:E5:3C:16:01:41:0E:F8:D8:41:56:AE:E0:A9:80:9C:32:F6:F7:EF:BE:55:6E",
                ),
            ],
            min_pool: min_pool(),
            min_common: min_common(),
            path_length: path_length(),
            distinct_subnets: true,
            file_server: Some(FileServer {
                url: "http://filev2.getsession.org".to_owned(),
                ed25519: FILE_SERVER_ED25519,
                x25519: FILE_SERVER_X25519,
            }),
            relays: Vec::new(),
            communities: Vec::new(),
            push_server: None,
            registrars: Vec::new(),
            registrar_threshold: 0,
            nodes: Vec::new(),
        }
    }
}

/// The Ed25519 key of the public network's file server (protocol: network 7).
pub const FILE_SERVER_ED25519: [u8; 32] = [
    0xb8, 0xee, 0xf9, 0x82, 0x14, 0x45, 0xae, 0x16, 0xe2, 0xe9, 0x7e, 0xf8, 0xaa, 0x6f, 0xe7, 0x82, 0xfd, 0x11, 0xad,
    0x52, 0x53, 0xcd, 0x67, 0x23, 0xb2, 0x81, 0x34, 0x1d, 0xba, 0x22, 0xe3, 0x71,
];

/// The X25519 key that [`FILE_SERVER_ED25519`] converts to.
pub const FILE_SERVER_X25519: [u8; 32] = [
    0x09, 0x32, 0x47, 0x94, 0xaa, 0x9c, 0x11, 0x94, 0x81, 0x89, 0x76, 0x2d, 0x19, 0x8c, 0x61, 0x81, 0x48, 0xe9, 0x13,
    0x6a, 0xc9, 0x58, 0x20, 0x68, 0x18, 0x06, 0x61, 0x20, 0x89, 0x27, 0xef, 0x34,
];
