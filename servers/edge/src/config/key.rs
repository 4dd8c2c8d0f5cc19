//! The keys a program knows.

/// What a value looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Any text.
    Text,
    /// A whole number.
    Integer,
    /// A number.
    Number,
    /// `true` or `false`.
    Flag,
    /// A list of texts; outside the file separated by commas.
    List,
    /// An IP address with a port.
    Address,
    /// One of these words.
    Choice(&'static [&'static str]),
}

/// One key of a configuration.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// Its name, tables separated by dots.
    pub name: &'static str,
    /// The form of its value.
    pub kind: Kind,
    /// One line for `--help` and for commented files.
    pub help: &'static str,
    /// Smallest and largest number that make sense.
    pub range: (f64, f64),
}

impl Key {
    /// A key.
    #[must_use]
    pub const fn new(name: &'static str, kind: Kind, help: &'static str) -> Self {
        Self { name, kind, help, range: (0.0, f64::MAX) }
    }

    /// The same key, for numbers from `least` to `most`.
    #[must_use]
    pub const fn within(mut self, least: f64, most: f64) -> Self {
        self.range = (least, most);
        self
    }

    /// Whether a value can be this key's; if not, what would do instead.
    pub(super) fn check(&self, value: &toml::Value) -> Result<(), String> {
        let number = match value {
            toml::Value::Integer(number) => *number as f64,
            toml::Value::Float(number) => *number,
            toml::Value::String(text) => return self.check_text(text),
            _ => return Ok(()),
        };
        let (least, most) = self.range;
        if number >= least && number <= most {
            return Ok(());
        }
        let bound =
            if most == f64::MAX { format!("at least {least}") } else { format!("a number from {least} to {most}") };
        Err(format!("`{}` cannot be {number}: give {bound}", self.name))
    }

    fn check_text(&self, text: &str) -> Result<(), String> {
        match self.kind {
            Kind::Address if text.parse::<std::net::SocketAddr>().is_err() => {
                Err(format!("`{}` cannot be `{text}`: give an IP address and a port, as in 127.0.0.1:9000", self.name))
            }
            Kind::Choice(words) if !words.contains(&text) => {
                Err(format!("`{}` cannot be `{text}`: give one of {}", self.name, words.join(", ")))
            }
            _ => Ok(()),
        }
    }

    pub(super) fn value(&self, text: &str) -> Result<toml::Value, String> {
        let wrong = |what: &str| format!("`{text}` is not {what}");
        Ok(match self.kind {
            Kind::Text | Kind::Address | Kind::Choice(_) => toml::Value::String(text.to_owned()),
            Kind::Integer => toml::Value::Integer(text.parse().map_err(|_| wrong("a whole number"))?),
            Kind::Number => match text.parse::<i64>() {
                Ok(whole) => toml::Value::Integer(whole),
                Err(_) => toml::Value::Float(text.parse().map_err(|_| wrong("a number"))?),
            },
            Kind::Flag => toml::Value::Boolean(text.parse().map_err(|_| wrong("`true` or `false`"))?),
            Kind::List => toml::Value::Array(
                text.split(',')
                    .map(str::trim)
                    .filter(|item| !item.is_empty())
                    .map(|item| toml::Value::String(item.to_owned()))
                    .collect(),
            ),
        })
    }
}

/// The key most like `given`, unless none is like it at all.
#[must_use]
pub fn nearest(given: &str, keys: &[Key]) -> Option<&'static str> {
    let last = |name: &str| name.rsplit('.').next().unwrap_or(name).to_owned();
    keys.iter()
        .map(|key| {
            let whole = distance(given, key.name);
            // A right name in the wrong table is the likeliest slip.
            let tail = distance(&last(given), &last(key.name)) + 1;
            (whole.min(tail), key.name)
        })
        .min()
        .filter(|(distance, _)| *distance <= given.len().div_ceil(2).max(2))
        .map(|(_, name)| name)
}

/// Levenshtein distance.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, cb) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(ca != *cb);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}
