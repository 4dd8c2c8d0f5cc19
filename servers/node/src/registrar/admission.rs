//! Whom a registrar lets into the network (protocol: servers 6.7).

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use tacit_crypto::blake2b::hash256;
use tacit_wire::NodeId;

/// Nodes that one operator may have.
const MOST_OF_OPERATOR: usize = 5;

/// Who is admitted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Admission {
    /// Nodes of a list, each with its operator, if that was noted.
    Listed(BTreeMap<NodeId, Option<String>>),
    /// Everybody, one node in each /24 network unless the network is one for tests.
    Open,
}

impl Admission {
    /// Reads a list: a line a node, its key in hex, then its operator if one wants to note it;
    /// text after `#` is for people. The line `*` admits everybody.
    ///
    /// # Errors
    /// What is wrong in which line.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut listed = BTreeMap::new();
        for (number, line) in text.lines().enumerate() {
            let line = line.split('#').next().unwrap_or_default().trim();
            if line == "*" {
                return Ok(Self::Open);
            }
            if line.is_empty() {
                continue;
            }
            let (key, operator) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
            let key: NodeId = key.parse().map_err(|_| format!("line {}: not 64 hexadecimal digits", number + 1))?;
            let operator = operator.trim();
            listed.insert(key, (!operator.is_empty()).then(|| operator.to_owned()));
        }
        let mut nodes = BTreeMap::<&str, usize>::new();
        for operator in listed.values().flatten() {
            let count = nodes.entry(operator).or_default();
            *count += 1;
            if *count > MOST_OF_OPERATOR {
                return Err(format!("operator {operator} has more than {MOST_OF_OPERATOR} nodes"));
            }
        }
        Ok(Self::Listed(listed))
    }

    /// Whether a node at this address may come in beside `others`; if not, what to do about it.
    pub(crate) fn check(
        &self,
        node: &NodeId,
        ip: Ipv4Addr,
        testnet: bool,
        mut others: impl Iterator<Item = (NodeId, Ipv4Addr)>,
    ) -> Result<(), String> {
        match self {
            Self::Listed(listed) if listed.contains_key(node) => Ok(()),
            Self::Listed(_) => Err(format!("not admitted: ask this registrar's operator for `registrar admit {node}`")),
            Self::Open if testnet => Ok(()),
            Self::Open => {
                let subnet = |ip: Ipv4Addr| ip.octets()[..3].to_vec();
                if others.any(|(other, at)| other != *node && subnet(at) == subnet(ip)) {
                    return Err("not admitted: another node is in this /24 network, use another address".to_owned());
                }
                Ok(())
            }
        }
    }

    /// A number for the node's operator, the same at all registrars that note the same name.
    pub(crate) fn operator(&self, node: &NodeId) -> Option<u64> {
        let Self::Listed(listed) = self else { return None };
        let name = listed.get(node)?.as_ref()?;
        let [a, b, c, d, e, f, ..] = hash256(&[b"tacit-operator-1", name.as_bytes()]);
        Some(u64::from_be_bytes([0, 0, a, b, c, d, e, f]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str = "0101010101010101010101010101010101010101010101010101010101010101";

    #[test]
    fn a_list_names_nodes_and_their_operators() {
        let list = Admission::parse(&format!("# ours\n{ONE}  Ann B. # since May\n\n")).unwrap();
        let (one, two) = (NodeId([1; 32]), NodeId([2; 32]));
        let ip = Ipv4Addr::new(9, 9, 9, 9);
        assert_eq!(list.check(&one, ip, false, std::iter::empty()), Ok(()));
        let error = list.check(&two, ip, false, std::iter::empty()).unwrap_err();
        assert!(error.contains(&format!("registrar admit {two}")), "{error}");
        let again = Admission::parse(&format!("{ONE} Ann B.")).unwrap();
        assert!(list.operator(&one).is_some());
        assert_eq!(list.operator(&one), again.operator(&one));
    }

    #[test]
    fn mistakes_are_named_with_their_line() {
        assert_eq!(Admission::parse("\nabc\n"), Err("line 2: not 64 hexadecimal digits".to_owned()));
        let many: String = (0..6).map(|n| format!("{} Ann\n", NodeId([n; 32]))).collect();
        assert!(Admission::parse(&many).unwrap_err().contains("Ann"));
    }

    #[test]
    fn an_open_network_takes_one_node_of_each_subnet() {
        let open = Admission::parse("*").unwrap();
        let near = || std::iter::once((NodeId([2; 32]), Ipv4Addr::new(9, 9, 9, 1)));
        let ip = Ipv4Addr::new(9, 9, 9, 9);
        assert!(open.check(&NodeId([1; 32]), ip, false, near()).is_err());
        assert!(open.check(&NodeId([2; 32]), ip, false, near()).is_ok(), "itself, at another address");
        assert!(open.check(&NodeId([1; 32]), ip, true, near()).is_ok());
    }
}
