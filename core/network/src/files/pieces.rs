//! Which part of a file is asked for next, and what an answer brings. Pure.

use tacit_wire::v4::Response;

use super::{MAX_DOWNLOAD_BYTES, malformed, refusal};
use crate::error::Error;

/// Bytes that are asked for at once.
pub const PIECE_BYTES: u64 = 1 << 20;

/// How far a file has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pieces {
    next: u64,
    total: Option<u64>,
    ended: bool,
}

impl Pieces {
    /// All from `offset` on.
    #[must_use]
    pub fn new(offset: u64) -> Self {
        Self { next: offset, total: None, ended: false }
    }

    /// Bytes that have come, those before the offset included.
    #[must_use]
    pub fn done(&self) -> u64 {
        self.next
    }

    /// How many there are, once a server said so.
    #[must_use]
    pub fn total(&self) -> Option<u64> {
        self.total
    }

    /// The header of the next request; none when all have come.
    #[must_use]
    pub fn range(&self) -> Option<String> {
        (!self.ended).then(|| format!("bytes={}-{}", self.next, self.next.saturating_add(PIECE_BYTES - 1)))
    }

    /// Takes the answer to the request with [`Pieces::range`]: the bytes that are new.
    ///
    /// # Errors
    /// [`Error::Gone`], [`Error::FileTooLarge`], [`Error::Status`], or [`Error::NoAnswer`] for an
    /// answer that does not fit; nothing is taken then.
    pub fn take(&mut self, answer: Response) -> Result<Vec<u8>, Error> {
        match answer.code {
            206 => self.part(answer),
            200 => self.whole(answer.body),
            // All had come before.
            416 if content_range(&answer).is_some_and(|(part, total)| part.is_none() && total == self.next) => {
                self.total = Some(self.next);
                self.ended = true;
                Ok(Vec::new())
            }
            _ => Err(refusal(&answer).err().unwrap_or_else(malformed)),
        }
    }

    fn part(&mut self, answer: Response) -> Result<Vec<u8>, Error> {
        let Some((Some((first, last)), total)) = content_range(&answer) else { return Err(malformed()) };
        if total > MAX_DOWNLOAD_BYTES {
            return Err(Error::FileTooLarge);
        }
        let length = answer.body.len() as u64;
        let fits = first == self.next
            && last >= first
            && last < total
            && length == last - first + 1
            && length <= PIECE_BYTES
            && self.total.is_none_or(|known| known == total);
        if !fits {
            return Err(malformed());
        }
        self.next += length;
        self.total = Some(total);
        self.ended = self.next == total;
        Ok(answer.body)
    }

    /// From a server without parts: what had come before is cut off.
    fn whole(&mut self, mut body: Vec<u8>) -> Result<Vec<u8>, Error> {
        let total = body.len() as u64;
        if total > MAX_DOWNLOAD_BYTES {
            return Err(Error::FileTooLarge);
        }
        let known = usize::try_from(self.next).ok().filter(|known| *known <= body.len());
        let Some(known) = known.filter(|_| self.total.is_none_or(|before| before == total)) else {
            return Err(malformed());
        };
        body.drain(..known);
        self.next = total;
        self.total = Some(total);
        self.ended = true;
        Ok(body)
    }
}

/// `bytes 0-99/1000` or `bytes */1000`.
fn content_range(answer: &Response) -> Option<(Option<(u64, u64)>, u64)> {
    let (part, total) = answer.headers.get("content-range")?.strip_prefix("bytes ")?.split_once('/')?;
    let total = total.parse().ok()?;
    if part == "*" {
        return Some((None, total));
    }
    let (first, last) = part.split_once('-')?;
    Some((Some((first.parse().ok()?, last.parse().ok()?)), total))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn answer(code: u16, range: &str, body: &[u8]) -> Response {
        Response { code, headers: [("content-range".to_owned(), range.to_owned())].into(), body: body.to_vec() }
    }

    /// A server that serves parts.
    fn serve(file: &[u8], range: &str) -> Response {
        let (first, last) = range.strip_prefix("bytes=").unwrap().split_once('-').unwrap();
        let first: usize = first.parse().unwrap();
        let end = (last.parse::<usize>().unwrap() + 1).min(file.len());
        if first >= end {
            return answer(416, &format!("bytes */{}", file.len()), b"");
        }
        answer(206, &format!("bytes {first}-{}/{}", end - 1, file.len()), &file[first..end])
    }

    fn fetch(file: &[u8], offset: usize) -> Result<Vec<u8>, Error> {
        let mut pieces = Pieces::new(offset as u64);
        let mut got = file[..offset].to_vec();
        while let Some(range) = pieces.range() {
            got.extend(pieces.take(serve(file, &range))?);
        }
        assert_eq!(pieces.total(), Some(file.len() as u64));
        Ok(got)
    }

    #[test]
    fn a_file_comes_in_pieces_from_any_offset() {
        let file: Vec<u8> = (0..2_500_000_u32).map(|n| (n / 11) as u8).collect();
        for offset in [0, 1, 1 << 20, 2_499_999, 2_500_000] {
            assert!(fetch(&file, offset).unwrap() == file, "{offset}");
        }
    }

    #[test]
    fn a_server_without_parts_gives_the_whole_and_the_known_is_cut_off() {
        let mut pieces = Pieces::new(3);
        assert_eq!(pieces.take(answer(200, "", b"abcdef")).unwrap(), b"def");
        assert_eq!((pieces.range(), pieces.done(), pieces.total()), (None, 6, Some(6)));
        assert!(Pieces::new(7).take(answer(200, "", b"abcdef")).is_err(), "it is shorter than what came before");
    }

    #[test]
    fn lies_about_the_part_are_refused_and_nothing_is_taken() {
        let lies = [
            ("bytes 1-3/10", &b"abc"[..]),
            ("bytes 0-3/10", b"abc"),
            ("bytes 0-2/2", b"abc"),
            ("bytes 2-0/10", b""),
            ("bytes 0-2/*", b"abc"),
            ("bytes */10", b"abc"),
            ("0-2/10", b"abc"),
            ("", b"abc"),
        ];
        for (range, body) in lies {
            let mut pieces = Pieces::new(0);
            assert!(pieces.take(answer(206, range, body)).is_err(), "{range}");
            assert_eq!(pieces, Pieces::new(0));
        }
        let mut pieces = Pieces::new(0);
        pieces.take(answer(206, "bytes 0-2/10", b"abc")).unwrap();
        assert!(pieces.take(answer(206, "bytes 3-5/11", b"def")).is_err(), "the file became another");
    }

    #[test]
    fn what_claims_to_be_huge_is_given_up_at_once() {
        assert_eq!(Pieces::new(0).take(answer(206, "bytes 0-0/4000000000", b"a")), Err(Error::FileTooLarge));
        let large = vec![0; usize::try_from(MAX_DOWNLOAD_BYTES).unwrap() + 1];
        assert_eq!(Pieces::new(0).take(answer(200, "", &large)), Err(Error::FileTooLarge));
    }

    #[test]
    fn gone_is_for_ever_and_other_refusals_say_why() {
        assert_eq!(Pieces::new(0).take(answer(404, "", b"")), Err(Error::Gone));
        let busy = Pieces::new(0).take(answer(503, "", b"")).unwrap_err();
        assert!(busy.is_temporary() && matches!(busy, Error::Status { status: 503, .. }));
    }

    proptest! {
        #[test]
        fn never_panics_and_never_runs_past_the_end(
            offset: u64, code in prop::sample::select(vec![200_u16, 206, 416, 404, 0]),
            range in "(bytes )?[0-9*]{0,3}-?[0-9]{0,21}/?[0-9]{0,21}", body in prop::collection::vec(any::<u8>(), 0..40),
        ) {
            let mut pieces = Pieces::new(offset);
            if pieces.take(answer(code, &range, &body)).is_ok() {
                prop_assert!(pieces.done() <= pieces.total().unwrap());
            }
        }
    }
}
