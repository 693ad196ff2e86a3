use std::sync::Arc;

/// A source of unpredictable bytes. Every secret and every id comes from one.
#[derive(Clone)]
pub struct Random(Arc<Fill>);

type Fill = dyn Fn(&mut [u8]) + Send + Sync;

impl Random {
    /// The operating system's generator.
    ///
    /// # Panics
    /// Its methods panic when the operating system has no randomness to give: no secret may be made then.
    #[must_use]
    pub fn os() -> Self {
        Self::from_fn(|bytes| getrandom::fill(bytes).expect("the operating system's random source works"))
    }

    /// A source that fills byte slices by `fill`. For tests that need to know what comes.
    pub fn from_fn(fill: impl Fn(&mut [u8]) + Send + Sync + 'static) -> Self {
        Self(Arc::new(fill))
    }

    /// `N` random bytes.
    #[must_use]
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        (self.0)(&mut bytes);
        bytes
    }

    /// A number below `bound`, each equally likely. `bound` is 1 to 256.
    #[must_use]
    pub fn below(&self, bound: u16) -> u8 {
        // Bytes from the incomplete last run of `bound` would favour small numbers, so they are drawn again.
        let limit = 256 - 256 % bound;
        loop {
            let [byte] = self.bytes();
            if u16::from(byte) < limit {
                return u8::try_from(u16::from(byte) % bound).unwrap_or_default();
            }
        }
    }

    /// `length` symbols of `alphabet` (ASCII, 1 to 256 symbols), each equally likely.
    #[must_use]
    pub fn text(&self, alphabet: &[u8], length: usize) -> String {
        let bound = u16::try_from(alphabet.len()).unwrap_or(256);
        (0..length).map(|_| char::from(alphabet[usize::from(self.below(bound))])).collect()
    }

    /// `length` decimal digits.
    #[must_use]
    pub fn digits(&self, length: usize) -> String {
        self.text(b"0123456789", length)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU8, Ordering};

    use super::*;

    #[test]
    fn numbers_below_a_bound_are_drawn_without_bias() {
        let next = AtomicU8::new(0);
        let counting = Random::from_fn(move |bytes| bytes.fill_with(|| next.fetch_add(1, Ordering::Relaxed)));
        let mut seen = [0; 10];
        for _ in 0..250 {
            seen[usize::from(counting.below(10))] += 1;
        }
        assert_eq!(seen, [25; 10], "the bytes 250 to 255 are passed over");
    }

    #[test]
    fn two_draws_from_the_operating_system_differ() {
        assert_ne!(Random::os().bytes::<16>(), Random::os().bytes::<16>());
    }
}
