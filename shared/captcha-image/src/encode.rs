//! From levels of ink to files.

use jpeg_encoder::ColorType;
use png::{BitDepth, DeflateCompression, Filter};

use crate::colours::Palette;
use crate::{HEIGHT, WIDTH};

const JPEG_QUALITY: u8 = 60;

/// A PNG of four bits a pixel. Rows differ little from the rows above, which leaves runs of noughts: the one thing
/// that the fastest compressor looks for.
pub fn png(levels: &[u8], palette: &Palette) -> Vec<u8> {
    let packed: Vec<u8> = levels.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect();
    let mut file = Vec::with_capacity(6 * 1024);
    let mut encoder = png::Encoder::new(&mut file, WIDTH.into(), HEIGHT.into());
    encoder.set_color(png::ColorType::Indexed);
    encoder.set_depth(BitDepth::Four);
    encoder.set_palette(palette.as_flattened());
    encoder.set_deflate_compression(DeflateCompression::FdeflateUltraFast);
    encoder.set_filter(Filter::Up);
    encoder
        .write_header()
        .and_then(|mut writer| {
            writer.write_image_data(&packed)?;
            writer.finish()
        })
        .expect("a Vec takes every byte, and the levels fill the picture exactly");
    file
}

/// A baseline JPEG in greys.
pub fn jpeg(levels: &[u8], palette: &Palette) -> Vec<u8> {
    let greys = palette.map(luma);
    let pixels: Vec<u8> = levels.iter().map(|level| greys[usize::from(level & 15)]).collect();
    let mut file = Vec::with_capacity(6 * 1024);
    jpeg_encoder::Encoder::new(&mut file, JPEG_QUALITY)
        .encode(&pixels, WIDTH, HEIGHT, ColorType::Luma)
        .expect("a Vec takes every byte, and the levels fill the picture exactly");
    file
}

/// The Y of JPEG's YCbCr.
fn luma([red, green, blue]: [u8; 3]) -> u8 {
    let sum = 299 * u32::from(red) + 587 * u32::from(green) + 114 * u32::from(blue);
    u8::try_from((sum + 500) / 1000).unwrap_or(u8::MAX)
}
