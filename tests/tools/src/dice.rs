//! Dice with a seed, so that a run can be told again: Sebastiano Vigna's SplitMix64.

/// A source of numbers that look random and are the same for the same seed.
#[derive(Debug, Clone)]
pub struct Dice(u64);

impl Dice {
    /// Dice that fall the same way for the same seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Other dice, for somebody who rolls at the same time.
    pub fn for_other(&self, who: u64) -> Self {
        Self(Self(self.0 ^ who.wrapping_mul(0xD134_2543_DE82_EF95)).roll())
    }

    /// 64 bits.
    pub fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// From 0 to `below`, without it; 0 if nothing is below.
    pub fn below(&mut self, below: u64) -> u64 {
        if below == 0 { 0 } else { self.roll() % below }
    }

    /// True that many times out of a hundred.
    pub fn percent(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    /// `count` different numbers below `below`, if there are so many.
    pub fn different(&mut self, count: usize, below: u64) -> Vec<u64> {
        let mut all = Vec::with_capacity(count);
        while all.len() < count && (all.len() as u64) < below {
            let one = self.below(below);
            if !all.contains(&one) {
                all.push(one);
            }
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_falls_the_same_way() {
        let (mut one, mut same) = (Dice::new(7), Dice::new(7));
        assert_eq!(one.roll(), same.roll());
        assert_ne!(one.for_other(1).roll(), one.for_other(2).roll());
    }

    #[test]
    fn different_numbers_are_different_and_end_when_there_are_no_more() {
        let mut three = Dice::new(1).different(9, 3);
        three.sort_unstable();
        assert_eq!(three, [0, 1, 2]);
    }
}
