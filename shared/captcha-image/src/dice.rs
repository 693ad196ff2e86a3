//! The random numbers of one picture.

use chacha20::ChaCha12Rng;
use chacha20::rand_core::{Rng, SeedableRng};

/// A stream of random numbers that the seed alone decides.
pub struct Dice(ChaCha12Rng);

impl Dice {
    pub fn new(seed: [u8; 32]) -> Self {
        Self(ChaCha12Rng::from_seed(seed))
    }

    /// A number from `low` up to, but not including, `high`.
    #[expect(clippy::cast_precision_loss, reason = "24 bits are what an f32 holds exactly")]
    pub fn between(&mut self, low: f32, high: f32) -> f32 {
        let unit = (self.0.next_u32() >> 8) as f32 / (1_u32 << 24) as f32;
        low + (high - low) * unit
    }

    /// A number at most `reach` from nought on either side.
    pub fn around(&mut self, reach: f32) -> f32 {
        self.between(-reach, reach)
    }

    /// One of `choices`. The bias towards some of them is below one in a hundred million.
    pub fn pick<T: Copy, const N: usize>(&mut self, choices: &[T; N]) -> T {
        const { assert!(N > 0) };
        choices[self.0.next_u32() as usize % N]
    }
}
