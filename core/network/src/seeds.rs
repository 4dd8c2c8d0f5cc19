//! The first list of nodes (protocol: network 2): all seeds at once, the first good list counts.

use reqwest::Client;
use tacit_wire::ServiceNode;
use tacit_wire::node_list::{self, NodeList};
use tacit_wire::profile::NetworkProfile;
use tokio::task::JoinSet;

use crate::config::Config;
use crate::error::Error;
use crate::http::{HttpError, MAX_SEED_ANSWER, client, post};
use crate::tls::Pins;

/// A seed and the client that accepts its certificate only.
#[derive(Clone)]
struct Seed {
    url: String,
    client: Client,
}

/// All seeds of the profile.
pub(crate) struct Seeds {
    seeds: Vec<Seed>,
    config: Config,
}

impl Seeds {
    pub fn new(profile: &NetworkProfile, config: Config) -> Result<Self, Error> {
        let mut seeds = Vec::new();
        for seed in &profile.seeds {
            let url = seed.url.trim_end_matches('/');
            if !url.starts_with("https://") {
                return Err(Error::Profile("a seed's address does not begin with https://"));
            }
            let unreadable = Error::Profile("a seed's pin cannot be read");
            let pins = Pins {
                spki: seed.spki_pin().map(|pin| pin.ok_or(unreadable.clone())).transpose()?,
                certificate: seed.cert_pin().map(|pin| pin.ok_or(unreadable)).transpose()?,
            };
            let client = client(pins, config.seed_timeout)?;
            seeds.push(Seed { url: format!("{url}/json_rpc"), client });
        }
        Ok(Self { seeds, config })
    }

    /// Asks all seeds at once. The first list that is believed ends the race; the questions to the
    /// other seeds are dropped.
    pub async fn ask(
        &self,
        believe: impl Fn(NodeList) -> Result<Vec<ServiceNode>, &'static str>,
    ) -> Result<Vec<ServiceNode>, &'static str> {
        let mut race = JoinSet::new();
        for seed in self.seeds.iter().cloned() {
            let timeout = self.config.seed_timeout;
            race.spawn(async move {
                let question = node_list::request_body();
                let kind = "application/json";
                let answer = post(&seed.client, &seed.url, kind, question, MAX_SEED_ANSWER, timeout).await;
                read_list(answer)
            });
        }
        let mut last = "the profile names no seed";
        while let Some(result) = race.join_next().await {
            match result {
                Ok(Ok(list)) => match believe(list) {
                    Ok(nodes) => return Ok(nodes),
                    Err(why) => last = why,
                },
                Ok(Err(why)) => last = why,
                Err(_) => last = "the question to a seed was broken off",
            }
        }
        Err(last)
    }
}

fn read_list(answer: Result<crate::http::Answer, HttpError>) -> Result<NodeList, &'static str> {
    let answer = answer.map_err(|error| match error {
        HttpError::Unreachable => "a seed is unreachable or not the right one",
        HttpError::Silent | HttpError::Unfinished => "a seed did not answer in time",
        HttpError::TooLarge => "a seed's list was too large",
    })?;
    if answer.status != 200 {
        return Err("a seed answered with an error");
    }
    if answer.content_type.as_deref() != Some("application/json") {
        return Err("a seed's answer was not of type application/json");
    }
    node_list::parse(&answer.body).map_err(|_| "a seed's list was malformed")
}
