//! Captcha pictures that people read easily and that fixed templates do not.

mod canvas;
mod colours;
mod dice;
mod encode;
mod glyphs;
mod layout;
mod noise;
#[cfg(test)]
mod template_attack;
mod warp;

use canvas::Canvas;
use dice::Dice;

pub use glyphs::ALPHABET;

/// The width of every picture, in pixels.
pub const WIDTH: u16 = 240;

/// The height of every picture, in pixels.
pub const HEIGHT: u16 = 96;

/// How many characters a picture shows.
pub const LENGTH: usize = 5;

/// A drawn captcha, ready to be written as a file. It does not keep the code.
pub struct Picture {
    levels: Vec<u8>,
    palette: colours::Palette,
}

/// Draws `code`; code and seed alone decide the picture. Letters are drawn upper-case.
///
/// Who knows the seed can predict the picture, so take it from the operating system's random source, and a
/// fresh one for every picture.
///
/// `None` if the code is not exactly [`LENGTH`] symbols of [`ALPHABET`], in either case.
#[must_use]
pub fn draw(code: &str, seed: [u8; 32]) -> Option<Picture> {
    if code.len() != LENGTH {
        return None;
    }
    let mut dice = Dice::new(seed);
    let mut canvas = Canvas::blank();
    let palette = colours::palette(&mut dice);
    for letter in layout::letters(code, &mut dice)? {
        canvas.letter(&letter.nodes, letter.radius);
    }
    noise::scatter(&mut canvas, &mut dice);
    Some(Picture { levels: canvas.into_levels(), palette })
}

impl Picture {
    /// The picture as a PNG file of at most 6 KB.
    #[must_use]
    pub fn png(&self) -> Vec<u8> {
        encode::png(&self.levels, &self.palette)
    }

    /// The picture as a baseline JPEG file in greys, of at most 6 KB.
    #[must_use]
    pub fn jpeg(&self) -> Vec<u8> {
        encode::jpeg(&self.levels, &self.palette)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    const LIMIT: usize = 6 * 1024;

    fn pictures(count: usize) -> impl Iterator<Item = Picture> {
        (0..count).map(|number| {
            let mut seed = [9; 32];
            seed[..8].copy_from_slice(&number.to_le_bytes());
            let symbol = |place: usize| ALPHABET[(number * (place * 2 + 1) + place * 7) % ALPHABET.len()];
            let code: String = (0..LENGTH).map(|place| char::from(symbol(place))).collect();
            draw(&code, seed).unwrap()
        })
    }

    #[test]
    fn every_picture_is_at_most_six_kilobytes() {
        let broad = ["WMWMW", "88888", "M8W8M"].map(|code| draw(code, [1; 32]).unwrap());
        for picture in pictures(600).chain(broad) {
            assert!(picture.png().len() <= LIMIT, "{}", picture.png().len());
            assert!(picture.jpeg().len() <= LIMIT, "{}", picture.jpeg().len());
        }
    }

    #[test]
    fn the_png_decodes_to_the_very_levels_drawn() {
        for picture in pictures(20) {
            let mut reader = png::Decoder::new(Cursor::new(picture.png())).read_info().unwrap();
            let mut packed = vec![0; reader.output_buffer_size().unwrap()];
            let info = reader.next_frame(&mut packed).unwrap();
            assert_eq!((info.width, info.height), (WIDTH.into(), HEIGHT.into()));
            assert_eq!(reader.info().palette.as_deref().unwrap(), picture.palette.as_flattened());
            let levels: Vec<u8> = packed.iter().flat_map(|byte| [byte >> 4, byte & 15]).collect();
            assert_eq!(levels, picture.levels);
        }
    }

    #[test]
    fn the_jpeg_is_baseline_and_decodes_to_nearly_the_greys_drawn() {
        use zune_jpeg::{JpegDecoder, zune_core::bytestream::ZCursor};
        for picture in pictures(20) {
            let file = picture.jpeg();
            assert!(file.windows(2).any(|marker| marker == [0xff, 0xc0]));
            let mut decoder = JpegDecoder::new(ZCursor::new(&file));
            let greys = decoder.decode().unwrap();
            let samples = greys.len() / picture.levels.len();
            assert_eq!(decoder.dimensions(), Some((WIDTH.into(), HEIGHT.into())));
            let [paper, ink] = [0, canvas::INK].map(|level| {
                let drawn = picture.levels.iter().enumerate().filter(|(_, drawn)| **drawn == level);
                let seen: Vec<u32> = drawn.map(|(index, _)| greys[index * samples].into()).collect();
                seen.iter().sum::<u32>() / u32::try_from(seen.len()).unwrap()
            });
            assert!(paper > 235 && ink < 85, "{paper} {ink}");
        }
    }

    #[test]
    fn code_and_seed_decide_the_picture() {
        let png = |code, seed| draw(code, [seed; 32]).unwrap().png();
        assert_eq!(png("7KEMW", 1), png("7KEMW", 1));
        assert_eq!(png("7KEMW", 1), png("7kemw", 1));
        assert_ne!(png("7KEMW", 1), png("7KEMX", 1));
    }

    #[test]
    fn one_code_looks_very_different_with_another_seed() {
        let dark = |seed| {
            let levels = draw("7KEMW", [seed; 32]).unwrap().levels;
            levels.into_iter().map(|level| level > noise::LEVEL).collect::<Vec<bool>>()
        };
        let first = dark(0);
        for other in (1..50).map(dark) {
            let both = first.iter().zip(&other).filter(|(a, b)| **a && **b).count();
            let either = first.iter().zip(&other).filter(|(a, b)| **a || **b).count();
            assert!(both * 2 < either, "{both} of {either} dark pixels are the same");
        }
    }

    #[test]
    fn codes_that_cannot_be_drawn_give_no_picture() {
        for code in ["", "ACE3", "ACE377", "ACE3O", "ACE 3", "ACÉ3", "验证", "\0\0\0\0\0"] {
            assert!(draw(code, [0; 32]).is_none(), "{code:?}");
        }
    }
}
