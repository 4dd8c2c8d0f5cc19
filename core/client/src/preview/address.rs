//! Which addresses lie in the public internet.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Whether an address may be asked for a preview: none of this device, its network, or a range with
/// a meaning of its own.
pub(super) fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    !(address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_documentation()
        || address.is_multicast()
        || matches!(
            (a, b, c),
            (0 | 240..=255, ..) | (100, 64..=127, _) | (192, 0, 0) | (192, 88, 99) | (198, 18 | 19, _)
        ))
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let segments = address.segments();
    // Of what is given out (2000::/3), not tunnels, which reach IPv4 addresses, nor examples.
    segments[0] & 0xe000 == 0x2000
        && segments[0] != 0x2002
        && !(segments[0] == 0x2001 && (segments[1] < 0x0200 || segments[1] == 0x0db8))
        && !(segments[0] == 0x3fff && segments[1] < 0x1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_networks_are_never_asked() {
        let not = "127.0.0.1 10.1.2.3 172.16.0.1 192.168.1.1 169.254.169.254 100.64.0.1 0.0.0.0 224.0.0.1 240.0.0.1 \
            255.255.255.255 192.0.0.8 198.18.0.1 198.51.100.7 ::1 :: fe80::1 fc00::1 fd12::1 ff02::1 ::ffff:10.0.0.1 \
            ::ffff:8.8.8.8 64:ff9b::a00:1 2002:a00:1:: 2001::1 2001:db8::1 fec0::1 3fff::1";
        for address in not.split_whitespace() {
            assert!(!is_public(address.parse().unwrap()), "{address}");
        }
        for address in ["1.1.1.1", "93.184.216.34", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "2a00:1450::8a"] {
            assert!(is_public(address.parse().unwrap()), "{address}");
        }
    }
}
