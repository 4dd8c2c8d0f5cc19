//! `tacit search`.

use serde_json::json;
use tacit_client::{Client, Error, Hit};

use crate::arguments;
use crate::failure::Failure;
use crate::output::Output;
use crate::session::{Session, account_id};

/// Prints what is found, a page after the other.
pub async fn run(session: &Session, output: &Output, search: &arguments::Search) -> Result<(), Failure> {
    let client = session.open(false).await?;
    let result = print_all(&client, output, search).await;
    client.shutdown().await;
    result
}

async fn print_all(client: &Client, output: &Output, search: &arguments::Search) -> Result<(), Failure> {
    let conversation = match &search.within {
        None => None,
        Some(id) => {
            let found = client.find_conversation(&account_id(id)?).await?;
            Some(found.ok_or(Error::Unknown { what: "conversation" })?)
        }
    };
    let text = search.text.join(" ");
    let query = tacit_client::Search { text, conversation, ..tacit_client::Search::default() };
    let (mut left, mut before) = (search.limit, None);
    while left > 0 {
        let page = client.search(query.clone(), before, left).await?;
        for hit in &page.hits {
            left -= 1;
            print_hit(client, output, hit).await?;
        }
        before = page.next;
        if before.is_none() {
            break;
        }
    }
    Ok(())
}

async fn print_hit(client: &Client, output: &Output, hit: &Hit) -> Result<(), Failure> {
    let conversation = client.conversation(hit.conversation).await?.peer.account();
    let conversation = conversation.map(|account| account.to_string()).unwrap_or_default();
    let message = client.message(hit.message).await?;
    let value = json!({
        "id": hit.message.to_string(),
        "conversation": conversation,
        "from": hit.author.to_string(),
        "sent_at": hit.sent_at.0,
        "text": message.text,
        "snippet": hit.snippet.text,
        "marks": hit.snippet.marks.iter().map(|mark| [mark.start, mark.end]).collect::<Vec<_>>(),
    });
    let who = if hit.outgoing { "me".to_owned() } else { hit.author.to_string() };
    output.line(&value, &format!("{} {who}: {}", hit.message, hit.snippet.text))
}
