//! Whose list of nodes counts (protocol: servers 6.4, 6.5). Where the profile names registrars, only
//! what enough of them signed, whoever gives it; elsewhere what seeds say, or what three nodes do.

use tacit_wire::consensus::{Accepted, Consensus, Mark, Refused, RegistrarSet, SignedConsensus, Trust};
use tacit_wire::node_list::NodeList;
use tacit_wire::profile::NetworkProfile;
use tacit_wire::{ServiceNode, TimestampMs};

use crate::error::Error;

/// Decides which lists of nodes are believed.
pub(crate) struct Membership {
    trust: Option<Trust>,
    /// Enough registrars signed two truths: the user has to know, for ever.
    alarm: Option<String>,
}

impl Membership {
    pub fn new(profile: &NetworkProfile, mark: Option<&Mark>) -> Result<Self, Error> {
        let set = RegistrarSet::of_profile(profile);
        let set = set.map_err(|_| Error::Profile("its registrars are no majority of themselves"))?;
        let mut trust = set.map(Trust::new);
        if let (Some(trust), Some(mark)) = (&mut trust, mark) {
            trust.resume_mark(mark);
        }
        Ok(Self { trust, alarm: None })
    }

    /// Whether registrars say who belongs to the network.
    pub fn is_signed(&self) -> bool {
        self.trust.is_some()
    }

    /// What to keep across restarts.
    pub fn mark(&self) -> Option<Mark> {
        self.trust.as_ref()?.mark()
    }

    pub fn alarm(&self) -> Option<&String> {
        self.alarm.as_ref()
    }

    /// The nodes of a list that may be used. Of a signed list all but what was signed is passed
    /// over.
    pub fn believe(&mut self, list: NodeList, now: TimestampMs) -> Result<Vec<ServiceNode>, &'static str> {
        let nodes = match &mut self.trust {
            None => list.nodes,
            Some(trust) => {
                let bytes = list.consensus.ok_or("a list was not signed by the network's registrars")?;
                let signed = SignedConsensus::parse(&bytes).map_err(|_| "a signed list was malformed")?;
                match trust.accept(&signed, now) {
                    Ok(Accepted::Newer(consensus)) => consensus.service_nodes(true),
                    // Verified when it came first.
                    Ok(Accepted::Same) => Consensus::parse(&signed.body)
                        .map(|consensus| consensus.service_nodes(true))
                        .unwrap_or_default(),
                    Err(refused) => return Err(self.refuse(&refused)),
                }
            }
        };
        if nodes.is_empty() { Err("a list was empty") } else { Ok(nodes) }
    }

    fn refuse(&mut self, refused: &Refused) -> &'static str {
        match refused {
            Refused::Format(_) => "a signed list was malformed",
            Refused::OtherNetwork => "a signed list was another network's",
            Refused::TooFewSignatures { .. } => "too few registrars signed a list",
            Refused::NotYet => "a signed list is not valid yet, or this device's clock is wrong",
            Refused::Expired => "a signed list is no longer valid, or this device's clock is wrong",
            Refused::Older => "a signed list was older than the last",
            Refused::Forked(_) => {
                tracing::error!(%refused, "keeping the first");
                self.alarm = Some(refused.to_string());
                "two different lists are signed: the network's registrars were taken over"
            }
        }
    }
}

#[cfg(test)]
mod tests;
