//! Reads a JSON list item by item, so that only one is in memory.

use std::fmt;
use std::io::{BufReader, Read};
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::{DeserializeOwned, Deserializer, SeqAccess, Visitor};

/// Calls `take` with each item of the list, as soon as it is read.
///
/// # Errors
/// Those of `from`, and those of the JSON; some items may have been taken.
pub(super) fn read<T: DeserializeOwned>(from: impl Read, take: &mut dyn FnMut(T)) -> Result<(), serde_json::Error> {
    let mut json = serde_json::Deserializer::from_reader(BufReader::new(from));
    json.deserialize_seq(Items { take, item: PhantomData })?;
    json.end()
}

struct Items<'t, T> {
    take: &'t mut dyn FnMut(T),
    item: PhantomData<T>,
}

impl<'de, T: Deserialize<'de>> Visitor<'de> for Items<'_, T> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while let Some(item) = list.next_element()? {
            (self.take)(item);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::io;

    use super::*;

    /// Produces an endless list, and fails once it has produced more than necessary.
    struct Endless<'c> {
        taken: &'c Cell<u32>,
        given: u32,
    }

    impl Read for Endless<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            if self.given >= 100_000 {
                return Err(io::Error::other("cut"));
            }
            let item: &[u8] = if self.given == 0 { b"[0" } else { b",0" };
            // At most one buffer is read ahead.
            assert!(self.given - self.taken.get() < 10_000, "nothing is handed on");
            buffer[..2].copy_from_slice(item);
            self.given += 1;
            Ok(2)
        }
    }

    #[test]
    fn items_are_handed_on_as_they_come() {
        let taken = Cell::new(0);
        let error = read(Endless { taken: &taken, given: 0 }, &mut |_: u8| taken.set(taken.get() + 1)).unwrap_err();
        assert!(error.is_io());
        assert!(taken.get() > 99_000, "{}", taken.get());
    }

    #[test]
    fn what_is_no_list_is_an_error() {
        for wrong in ["", "{}", "[1", "[1]x", "[\"x\"]"] {
            assert!(!read(wrong.as_bytes(), &mut |_: u8| {}).unwrap_err().is_io(), "{wrong}");
        }
    }
}
