//! A reader that matches templates: it learns the mean look of every symbol at every place, drops the light
//! noise, crops to the ink, cuts that into five slots, and takes the template that correlates best, shifted a
//! little if need be. It must read evenly set letters, or its failure on ours would say nothing.

use crate::canvas::Canvas;
use crate::dice::Dice;
use crate::glyphs::{Node, Point, glyph};
use crate::{ALPHABET, HEIGHT, LENGTH, WIDTH, draw, noise};

const COLUMNS: usize = 12;
const ROWS: usize = 16;
const CELLS: f32 = 192.0;
const LESSONS: usize = 1000;
const EXAMS: usize = 200;

type Slot = Vec<f32>;
type Drawer = fn(&str, [u8; 32]) -> Vec<u8>;

fn ours(code: &str, seed: [u8; 32]) -> Vec<u8> {
    draw(code, seed).unwrap().levels
}

/// Letters without any warp, on a line and at even distances, under the same noise.
fn evenly_set(code: &str, seed: [u8; 32]) -> Vec<u8> {
    let mut canvas = Canvas::blank();
    for (symbol, x) in code.bytes().zip([26.0, 73.0, 120.0, 167.0, 214.0]) {
        let to_pixels = |node: &Node| {
            let (x, y) = (x + node.at.x * 48.0, 48.0 + node.at.y * 54.0);
            let at = Point { x, y };
            Node { at, ..*node }
        };
        let nodes: Vec<Node> = glyph(symbol).unwrap().iter().map(to_pixels).collect();
        canvas.letter(&nodes, 3.5);
    }
    noise::scatter(&mut canvas, &mut Dice::new(seed));
    canvas.into_levels()
}

/// A code and a seed that no other number has.
fn question(number: usize) -> (String, [u8; 32]) {
    let mut seed = [77; 32];
    seed[..8].copy_from_slice(&number.to_le_bytes());
    let mut dice = Dice::new(seed);
    let symbol = |_| char::from(dice.pick(ALPHABET.first_chunk::<25>().unwrap()));
    ((0..LENGTH).map(symbol).collect(), seed)
}

/// The picture's ink, without noise, in five slots of `ROWS` by `COLUMNS`.
fn slots(levels: &[u8]) -> Vec<Slot> {
    let (width, height) = (usize::from(WIDTH), usize::from(HEIGHT));
    let dark = |x: usize, y: usize| levels[y * width + x] > noise::LEVEL;
    let inked_column = |x: &usize| (0..height).any(|y| dark(*x, y));
    let inked_row = |y: &usize| (0..width).any(|x| dark(x, *y));
    let left = (0..width).find(inked_column).unwrap();
    let right = (0..width).rfind(inked_column).unwrap() + 1;
    let top = (0..height).find(inked_row).unwrap();
    let bottom = (0..height).rfind(inked_row).unwrap() + 1;
    let mut slots = vec![vec![0.0; ROWS * COLUMNS]; LENGTH];
    for y in top..bottom {
        for x in (left..right).filter(|x| dark(*x, y)) {
            let column = (x - left) * COLUMNS * LENGTH / (right - left);
            let row = (y - top) * ROWS / (bottom - top);
            slots[column / COLUMNS][row * COLUMNS + column % COLUMNS] += 1.0;
        }
    }
    for slot in &mut slots {
        normalise(slot);
    }
    slots
}

fn normalise(slot: &mut [f32]) {
    let mean = slot.iter().sum::<f32>() / CELLS;
    for cell in &mut *slot {
        *cell -= mean;
    }
    let size = slot.iter().map(|cell| cell * cell).sum::<f32>().sqrt();
    for cell in slot {
        *cell /= size.max(1e-6);
    }
}

/// The mean slot of each symbol at each place.
fn learn(drawer: Drawer) -> Vec<Vec<Slot>> {
    let mut templates = vec![vec![vec![0.0; ROWS * COLUMNS]; ALPHABET.len()]; LENGTH];
    for number in 0..LESSONS {
        let (code, seed) = question(number);
        let cut = slots(&drawer(&code, seed));
        for ((place, symbol), slot) in code.bytes().enumerate().zip(cut) {
            let index = ALPHABET.iter().position(|known| *known == symbol).unwrap();
            let sums = templates[place][index].iter_mut();
            for (sum, cell) in sums.zip(slot) {
                *sum += cell;
            }
        }
    }
    for template in templates.iter_mut().flatten() {
        normalise(template);
    }
    templates
}

fn likeness(slot: &Slot, template: &Slot) -> f32 {
    let shifted = |down: usize, across: usize| -> f32 {
        let mut sum = 0.0;
        for row in 1..ROWS - 1 {
            for column in 1..COLUMNS - 1 {
                let moved = (row + down - 1) * COLUMNS + column + across - 1;
                sum += slot[row * COLUMNS + column] * template[moved];
            }
        }
        sum
    };
    let shifts = (0..3).flat_map(|down| (0..3).map(move |across| (down, across)));
    shifts.map(|(down, across)| shifted(down, across)).fold(-1.0, f32::max)
}

fn read(levels: &[u8], templates: &[Vec<Slot>]) -> String {
    let best = |(slot, known): (&Slot, &Vec<Slot>)| {
        let likenesses = known.iter().map(|template| likeness(slot, template));
        let best = likenesses.enumerate().max_by(|a, b| a.1.total_cmp(&b.1));
        char::from(ALPHABET[best.unwrap().0])
    };
    slots(levels).iter().zip(templates).map(best).collect()
}

/// How many of the exam's codes, and of their symbols, are read.
fn exam(drawer: Drawer) -> (usize, usize) {
    let templates = learn(drawer);
    let (mut codes, mut symbols) = (0, 0);
    for number in LESSONS..LESSONS + EXAMS {
        let (code, seed) = question(number);
        let answer = read(&drawer(&code, seed), &templates);
        codes += usize::from(answer == code);
        symbols += code.bytes().zip(answer.bytes()).filter(|(a, b)| a == b).count();
    }
    (codes, symbols)
}

#[test]
fn the_template_reader_reads_evenly_set_letters() {
    let (codes, symbols) = exam(evenly_set);
    assert!(codes * 10 > EXAMS * 6, "{codes} codes, {symbols} symbols");
}

#[test]
fn the_template_reader_reads_fewer_than_one_in_ten_of_our_codes() {
    let (codes, symbols) = exam(ours);
    println!("{codes} codes, {symbols} symbols");
    assert!(codes * 10 < EXAMS, "{codes} codes, {symbols} symbols");
}
