//! What can be asked for.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

/// Tacit without a screen: send messages, not metadata.
#[derive(Parser)]
#[command(name = "tacit", version, about)]
pub struct Arguments {
    /// Folder of the account and its encrypted database.
    #[arg(long, global = true, default_value = "tacit-profile")]
    pub profile: PathBuf,
    /// Network profile: a file, or `session`. Kept with the account once given.
    #[arg(long, global = true)]
    pub network: Option<String>,
    /// One JSON object a line on standard output, errors as JSON on standard error.
    #[arg(long, global = true)]
    pub json: bool,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Subcommand)]
pub enum Command {
    /// Create, restore or show the account.
    #[command(subcommand)]
    Account(Account),
    /// Send a text; ends when the swarm keeps it.
    Send(Send),
    /// Print what arrives.
    Receive(Receive),
    /// List conversations, newest first.
    Conversations,
    /// Print a conversation, oldest first.
    History(History),
    /// Find messages by their words, the last that came first.
    Search(Search),
    /// Set an emoji under a message.
    React {
        /// The message.
        message: String,
        /// One emoji.
        emoji: String,
    },
    /// Take an emoji off a message.
    Unreact {
        /// The message.
        message: String,
        /// The emoji.
        emoji: String,
    },
    /// Take messages back for everyone, or remove them from the own devices.
    Unsend {
        /// The messages.
        #[arg(required = true)]
        messages: Vec<String>,
        /// Only from all devices of this account.
        #[arg(long, conflicts_with = "here")]
        mine: bool,
        /// Only from this device.
        #[arg(long)]
        here: bool,
    },
    /// Tell the other side that you type.
    Typing {
        /// Account ID.
        id: String,
        /// Tell that you no longer do.
        #[arg(long)]
        stop: bool,
    },
    /// Let messages disappear: `off`, `read:SECONDS` or `send:SECONDS`.
    Disappear {
        /// Account ID.
        id: String,
        /// When.
        when: String,
    },
    /// Print which nodes keep a message, and store it again on those that do not.
    Receipts {
        /// The message.
        message: String,
        /// Store it again where it is missing.
        #[arg(long)]
        again: bool,
    },
    /// Print or change a setting, such as `read_receipts` and `typing_indicators` (0 or 1).
    Setting {
        /// Its name.
        key: String,
        /// The new value.
        value: Option<String>,
    },
    /// Fetch the files of a message and save them.
    Save {
        /// The message.
        message: String,
        /// The folder; nothing in it is overwritten.
        folder: PathBuf,
    },
    /// Try a message again that failed, or whose files did.
    Retry {
        /// The message.
        message: String,
    },
    /// Fetch the files of a contact without being asked for each.
    Trust {
        /// Account ID.
        id: String,
        /// No longer.
        #[arg(long)]
        off: bool,
    },
    /// Save the picture of an account, the own one too.
    Avatar {
        /// Account ID.
        id: String,
        /// The file to write.
        file: PathBuf,
        /// Wait up to so many seconds until it is here.
        #[arg(long, default_value_t = 0)]
        wait: u64,
    },
    /// Accept a message request.
    Accept {
        /// Account ID.
        id: String,
    },
    /// Take no more messages from an account.
    Block {
        /// Account ID.
        id: String,
    },
    /// Take messages from a blocked account again.
    Unblock {
        /// Account ID.
        id: String,
    },
    /// Mark a conversation as read.
    Read {
        /// Account ID.
        id: String,
    },
    /// Give a contact a name of your own.
    Contact {
        /// Account ID.
        id: String,
        /// The name; empty for theirs.
        #[arg(long)]
        nickname: String,
    },
    /// Change the own profile.
    #[command(subcommand)]
    Profile(Profile),
    /// Write everything into an encrypted file, or read it from one.
    #[command(subcommand)]
    Backup(Backup),
    /// Print the onion paths.
    Path,
    /// The state of the network.
    #[command(subcommand)]
    Network(Network),
}

#[derive(Subcommand)]
pub enum Account {
    /// Make a new account.
    Create {
        /// Name that others see.
        #[arg(long, default_value = "")]
        name: String,
    },
    /// Bring an account back from its recovery phrase.
    Restore {
        /// The 13 or 12 words.
        #[arg(long)]
        phrase: String,
        /// Fetch what the swarm still has, for at most so many seconds.
        #[arg(long)]
        wait: Option<u64>,
    },
    /// Remove the account from this device; the recovery phrase brings it back.
    Erase {
        /// First have the nodes delete everything that they keep for it.
        #[arg(long)]
        everywhere: bool,
    },
    /// Print the account.
    Show {
        /// Print the recovery phrase too.
        #[arg(long)]
        secret: bool,
    },
}

#[derive(Args)]
pub struct Send {
    /// Account ID of the recipient; the own one for a note to self.
    pub id: String,
    /// The text; several words are joined by spaces.
    #[arg(required_unless_present_any = ["lines", "file", "voice"])]
    pub text: Vec<String>,
    /// Send a file with it; several are sent in one message.
    #[arg(long, conflicts_with = "lines")]
    pub file: Vec<PathBuf>,
    /// Scale pictures down to 4,096 pixels instead of 1,600.
    #[arg(long)]
    pub original: bool,
    /// Send pictures as files, also those whose place and camera cannot be taken out here.
    #[arg(long)]
    pub as_file: bool,
    /// Send a sound as a voice message.
    #[arg(long, conflicts_with_all = ["lines", "file"])]
    pub voice: Option<PathBuf>,
    /// The message that this one answers.
    #[arg(long)]
    pub quote: Option<String>,
    /// Send each line of standard input as a message of its own.
    #[arg(long, conflicts_with = "text")]
    pub lines: bool,
}

#[derive(Args)]
pub struct Receive {
    /// Go on until interrupted.
    #[arg(long)]
    pub follow: bool,
    /// Wait up to so many seconds for events.
    #[arg(long)]
    pub wait: Option<u64>,
    /// End after so many events.
    #[arg(long)]
    pub count: Option<usize>,
}

#[derive(Args)]
pub struct History {
    /// Account ID.
    pub id: String,
    /// At most so many, the newest.
    #[arg(long, default_value_t = 50)]
    pub limit: u32,
    /// Those before this message.
    #[arg(long)]
    pub before: Option<String>,
}

#[derive(Args)]
pub struct Search {
    /// Words or their beginnings; in quotes, words side by side.
    #[arg(required = true)]
    pub text: Vec<String>,
    /// Only in the conversation with this account.
    #[arg(long = "in")]
    pub within: Option<String>,
    /// At most so many.
    #[arg(long, default_value_t = 50)]
    pub limit: u32,
}

#[derive(Subcommand)]
pub enum Profile {
    /// Set the display name, the picture, or both.
    Set {
        /// The name.
        #[arg(long, required_unless_present = "avatar")]
        name: Option<String>,
        /// A file with a picture; `none` removes the one that is there.
        #[arg(long)]
        avatar: Option<PathBuf>,
        /// How many seconds the upload of the picture may take before the program ends.
        #[arg(long, default_value_t = 60)]
        wait: u64,
    },
}

#[derive(Subcommand)]
pub enum Backup {
    /// Write the whole history with its files.
    Write {
        /// The file; one that is there is replaced once the new one is whole.
        file: PathBuf,
        /// Lock it with the passphrase, or the key of 64 hex digits, in this variable instead of
        /// the account's own key.
        #[arg(long)]
        passphrase_env: Option<String>,
    },
    /// Merge a backup into the account, or bring the account back from it into an empty profile.
    Read {
        /// The file.
        file: PathBuf,
        /// The variable with its passphrase or key.
        #[arg(long)]
        passphrase_env: Option<String>,
        /// The recovery phrase, for an empty profile and a backup without a passphrase.
        #[arg(long)]
        phrase: Option<String>,
    },
}

#[derive(Subcommand)]
pub enum Network {
    /// Hops, swarm, size of the pool, last errors.
    Status,
    /// Send what waits in the outbox.
    Flush {
        /// For at most so many seconds.
        #[arg(long, default_value_t = 30)]
        wait: u64,
    },
}
