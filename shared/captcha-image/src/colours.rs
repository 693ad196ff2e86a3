//! Dark inks and light papers.

use crate::canvas::INK;
use crate::dice::Dice;

/// The colour of each level, from bare paper to full ink.
pub type Palette = [[u8; 3]; INK as usize + 1];

/// Near-black, blue, green, brown and violet.
const INKS: [[u8; 3]; 5] = [[28, 28, 32], [16, 42, 100], [8, 70, 50], [94, 38, 16], [74, 24, 92]];

const PAPERS: [[u8; 3]; 4] = [[255, 255, 255], [255, 250, 236], [240, 246, 255], [244, 250, 240]];

/// Any ink on any paper: their contrast is at least 7 to 1, as WCAG's level AAA asks.
pub fn palette(dice: &mut Dice) -> Palette {
    blend(dice.pick(&PAPERS), dice.pick(&INKS))
}

fn blend(paper: [u8; 3], ink: [u8; 3]) -> Palette {
    let mix = |level: u8, channel: usize| {
        let (from, to) = (u32::from(paper[channel]), u32::from(ink[channel]));
        let (part, whole) = (u32::from(level), u32::from(INK));
        let sum = from * (whole - part) + to * part;
        u8::try_from((sum + whole / 2) / whole).unwrap_or(u8::MAX)
    };
    let mut level = 0;
    [(); INK as usize + 1].map(|()| {
        let colour = [mix(level, 0), mix(level, 1), mix(level, 2)];
        level += 1;
        colour
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn luminance(colour: [u8; 3]) -> f64 {
        let linear = colour.map(|channel| {
            let value = f64::from(channel) / 255.0;
            if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        });
        0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    }

    fn contrast(paper: [u8; 3], ink: [u8; 3]) -> f64 {
        (luminance(paper) + 0.05) / (luminance(ink) + 0.05)
    }

    #[test]
    fn every_ink_has_a_contrast_of_seven_to_one_on_every_paper() {
        for (paper, ink) in PAPERS.iter().flat_map(|paper| INKS.map(|ink| (*paper, ink))) {
            assert!(contrast(paper, ink) >= 7.0, "{ink:?} on {paper:?}");
        }
    }

    #[test]
    fn noise_is_fainter_than_the_contrast_that_text_needs() {
        for (paper, ink) in PAPERS.iter().flat_map(|paper| INKS.map(|ink| (*paper, ink))) {
            let noise = blend(paper, ink)[usize::from(crate::noise::LEVEL)];
            assert!(contrast(paper, noise) < 4.5, "{ink:?} on {paper:?}");
        }
    }

    #[test]
    fn the_palette_goes_from_paper_to_ink() {
        let palette = blend(PAPERS[1], INKS[2]);
        assert_eq!(palette[0], PAPERS[1]);
        assert_eq!(palette[usize::from(INK)], INKS[2]);
    }
}
