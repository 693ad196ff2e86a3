//! Writes a sheet of 20 captchas as one PNG, to judge them by eye:
//! `cargo run -p captcha-image --example sheet -- sheet.png [number of the sheet]`.

use std::fs::File;
use std::io::{BufWriter, Cursor};
use std::path::Path;

use captcha_image::{ALPHABET, HEIGHT, LENGTH, WIDTH, draw};

const COLUMNS: usize = 4;
const ROWS: usize = 5;
const GAP: usize = 8;

type Failure = Box<dyn std::error::Error>;

#[expect(clippy::print_stdout, reason = "the codes are for whoever reads the sheet")]
fn main() -> Result<(), Failure> {
    let mut arguments = std::env::args().skip(1);
    let path = arguments.next().ok_or("which file shall the sheet go to?")?;
    let number: u8 = arguments.next().map_or(Ok(0), |text| text.parse())?;
    let (width, height) = (usize::from(WIDTH) + GAP, usize::from(HEIGHT) + GAP);
    let mut sheet = vec![[160; 3]; width * COLUMNS * height * ROWS];
    for place in 0..COLUMNS * ROWS {
        let code = code(place + usize::from(number) * 37);
        let seed = [number.wrapping_mul(31) ^ u8::try_from(place)?; 32];
        let picture = draw(&code, seed).ok_or("the alphabet draws")?.png();
        let corner = place / COLUMNS * height * width * COLUMNS + place % COLUMNS * width;
        for (row, pixels) in pixels(&picture)?.chunks_exact(WIDTH.into()).enumerate() {
            let start = corner + row * width * COLUMNS;
            sheet[start..start + pixels.len()].copy_from_slice(pixels);
        }
        print!("{code}{}", if place % COLUMNS + 1 == COLUMNS { '\n' } else { ' ' });
    }
    save(Path::new(&path), &sheet, width * COLUMNS, height * ROWS)
}

/// Five symbols; twenty sheets show each of them in every place.
fn code(number: usize) -> String {
    (0..LENGTH)
        .map(|place| {
            let index = number * (7 + place * 3) + place * 11 + number / 5;
            char::from(ALPHABET[index % ALPHABET.len()])
        })
        .collect()
}

fn pixels(file: &[u8]) -> Result<Vec<[u8; 3]>, Failure> {
    let mut decoder = png::Decoder::new(Cursor::new(file));
    decoder.set_transformations(png::Transformations::EXPAND);
    let mut reader = decoder.read_info()?;
    let mut bytes = vec![0; reader.output_buffer_size().ok_or("too big")?];
    reader.next_frame(&mut bytes)?;
    Ok(bytes.as_chunks().0.to_vec())
}

fn save(path: &Path, pixels: &[[u8; 3]], width: usize, height: usize) -> Result<(), Failure> {
    let file = BufWriter::new(File::create(path)?);
    let mut encoder = png::Encoder::new(file, width.try_into()?, height.try_into()?);
    encoder.set_color(png::ColorType::Rgb);
    encoder.write_header()?.write_image_data(pixels.as_flattened())?;
    Ok(())
}
