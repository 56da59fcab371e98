//! Chance that can be repeated: SplitMix64 (Steele, Lea, Flood 2014), from a seed.

/// A source of numbers; the same seed gives the same ones.
pub struct Chance(u64);

impl Chance {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// Less than `limit`, which is not 0.
    pub fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.draw() % u64::try_from(limit).expect("a limit")).expect("small")
    }

    /// True that many times out of a hundred.
    pub fn percent(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// From `least` to `most`, both included.
    pub fn between(&mut self, least: i64, most: i64) -> i64 {
        let range = usize::try_from(most - least + 1).expect("a range");
        least + i64::try_from(self.below(range)).expect("small")
    }

    pub fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())]
    }

    /// Up to `limit` bytes.
    pub fn bytes(&mut self, limit: usize) -> Vec<u8> {
        let length = self.below(limit) + 1;
        (0..length).map(|_| self.draw().to_le_bytes()[0]).collect()
    }

    /// Up to `limit` signs of all kinds of scripts.
    pub fn text(&mut self, limit: usize) -> String {
        let signs = ['a', '"', '\\', '\0', '\n', '\u{7f}', 'é', '茶', '\u{202e}', '🫖', '\u{ffff}'];
        (0..self.below(limit) + 1).map(|_| self.pick(&signs)).collect()
    }
}
