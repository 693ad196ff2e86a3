//! Where the letters stand: each a little into its neighbour, the row waved, all of it inside the picture.

use crate::dice::Dice;
use crate::glyphs::{Node, glyph};
use crate::warp::{LETTER_HEIGHT, Warp, Wave};
use crate::{HEIGHT, WIDTH};

/// One letter in its final place.
pub struct Letter {
    pub nodes: Vec<Node>,
    /// Half the width of its strokes, in pixels.
    pub radius: f32,
}

/// Paper that stays bare along every edge, in pixels.
const MARGIN: f32 = 4.0;
/// How much a short row may grow to fill the picture.
const LARGEST_SCALE: f32 = 1.12;
/// How far the inks of neighbours reach into each other, in pixels, where they are nearest.
const OVERLAP: (f32, f32) = (0.0, 2.5);
/// How far a letter may slide under the arm of its neighbour, in pixels.
const DEEPEST_TUCK: f32 = 0.18 * LETTER_HEIGHT;
/// Neighbours may touch at this many nodes; the others keep a gap, lest two upright strokes become one.
const TOUCHING_NODES: usize = 3;
/// The least gap in pixels at those other nodes.
const GAP: f32 = 1.5;

/// The letters of `code`, or `None` if a character is not in the alphabet.
pub fn letters(code: &str, dice: &mut Dice) -> Option<Vec<Letter>> {
    let weight = dice.between(3.3, 3.9);
    let mut letters: Vec<Letter> = Vec::with_capacity(code.len());
    for symbol in code.bytes() {
        let warp = Warp::new(dice);
        let mut letter = Letter {
            nodes: glyph(symbol)?.iter().map(|node| warp.apply(node)).collect(),
            radius: weight * dice.between(0.92, 1.08),
        };
        let overlap = dice.between(OVERLAP.0, OVERLAP.1);
        if let Some(neighbour) = letters.last() {
            let x = place(&letter, neighbour, overlap);
            for node in &mut letter.nodes {
                node.at.x += x;
            }
        }
        letters.push(letter);
    }
    wave_row(&mut letters, dice);
    fit(&mut letters, dice);
    Some(letters)
}

/// How far right `letter` must go for its ink to reach into its neighbour's by `overlap` where they are nearest.
fn place(letter: &Letter, neighbour: &Letter, overlap: f32) -> f32 {
    let reach = letter.radius + neighbour.radius - overlap;
    let touch = |node: &Node| {
        let pass = |other: &Node| {
            let dy = node.at.y - other.at.y;
            let room = (reach * reach - dy * dy).max(0.0).sqrt();
            if dy.abs() < reach { other.at.x - node.at.x + room } else { f32::NEG_INFINITY }
        };
        neighbour.nodes.iter().map(pass).fold(f32::NEG_INFINITY, f32::max)
    };
    let mut touches: Vec<f32> = letter.nodes.iter().map(touch).collect();
    touches.sort_unstable_by(|a, b| b.total_cmp(a));
    let at = |index: usize| touches.get(index).copied().unwrap_or(f32::NEG_INFINITY);
    let tucked = right(neighbour) - left(letter) - DEEPEST_TUCK;
    at(0).max(at(TOUCHING_NODES) + overlap + GAP).max(tucked)
}

fn left(letter: &Letter) -> f32 {
    let nodes = letter.nodes.iter();
    nodes.fold(f32::INFINITY, |left, node| left.min(node.at.x)) - letter.radius
}

fn right(letter: &Letter) -> f32 {
    let nodes = letter.nodes.iter();
    nodes.fold(f32::NEG_INFINITY, |right, node| right.max(node.at.x)) + letter.radius
}

/// Bends the whole row, so that letters have no common base line.
fn wave_row(letters: &mut [Letter], dice: &mut Dice) {
    let wave = Wave::new(dice, 5.0, (0.03, 0.06));
    for node in letters.iter_mut().flat_map(|letter| &mut letter.nodes) {
        node.at.y += wave.at(node.at.x);
    }
}

/// Scales the row to fill the margins as far as that keeps its letters near their size, then puts it
/// anywhere inside them.
fn fit(letters: &mut [Letter], dice: &mut Dice) {
    let (mut low, mut high) = ([f32::INFINITY; 2], [f32::NEG_INFINITY; 2]);
    let mut pen = 0.0_f32;
    for letter in &*letters {
        pen = pen.max(letter.radius * LARGEST_SCALE + 0.5);
        for Node { at, .. } in &letter.nodes {
            low = [low[0].min(at.x), low[1].min(at.y)];
            high = [high[0].max(at.x), high[1].max(at.y)];
        }
    }
    let room = [WIDTH, HEIGHT].map(|side| f32::from(side) - 2.0 * (MARGIN + pen));
    let size = [high[0] - low[0], high[1] - low[1]];
    let scale = (room[0] / size[0]).min(room[1] / size[1]).min(LARGEST_SCALE);
    let [left, top] = [0, 1].map(|axis| {
        let spare = (room[axis] - size[axis] * scale).max(0.0);
        MARGIN + pen + dice.between(0.0, 1.0) * spare
    });
    for letter in letters {
        letter.radius *= scale;
        for Node { at, .. } in &mut letter.nodes {
            at.x = left + (at.x - low[0]) * scale;
            at.y = top + (at.y - low[1]) * scale;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ALPHABET;

    fn codes() -> impl Iterator<Item = (String, [u8; 32])> {
        (0..500_usize).map(|number| {
            let symbol = |place: usize| char::from(ALPHABET[(number * (place * 2 + 3) + place) % 25]);
            let mut seed = [5; 32];
            seed[..8].copy_from_slice(&number.to_le_bytes());
            ((0..5).map(symbol).collect(), seed)
        })
    }

    #[test]
    fn no_letter_leaves_the_picture() {
        let widest = ("WMWMW".to_owned(), [3; 32]);
        for (code, seed) in codes().chain([widest]) {
            for letter in letters(&code, &mut Dice::new(seed)).unwrap() {
                for Node { at, .. } in &letter.nodes {
                    let inside = |place: f32, side: u16| {
                        place > letter.radius + 1.0 && place < f32::from(side) - letter.radius - 1.0
                    };
                    assert!(inside(at.x, WIDTH) && inside(at.y, HEIGHT), "{code} {at:?}");
                }
            }
        }
    }

    #[test]
    fn letters_stay_big_enough_for_old_eyes() {
        for (code, seed) in codes() {
            for letter in letters(&code, &mut Dice::new(seed)).unwrap() {
                let heights = letter.nodes.iter().map(|node| node.at.y);
                let (low, high) = heights.fold((f32::INFINITY, 0.0_f32), |(low, high), y| (low.min(y), high.max(y)));
                assert!(high - low + 2.0 * letter.radius > 36.0, "{code}: {}", high - low);
            }
        }
    }

    #[test]
    fn most_neighbours_overlap_but_never_deeply() {
        let (mut touching, mut pairs) = (0, 0);
        for (code, seed) in codes() {
            for pair in letters(&code, &mut Dice::new(seed)).unwrap().windows(2) {
                let reach = pair[0].radius + pair[1].radius;
                let nearest = (pair[0].nodes.iter())
                    .flat_map(|a| pair[1].nodes.iter().map(move |b| (a.at, b.at)))
                    .map(|(a, b)| (a.x - b.x).hypot(a.y - b.y))
                    .fold(f32::INFINITY, f32::min);
                pairs += 1;
                touching += usize::from(nearest < reach);
                assert!(nearest > 0.4 * reach, "{code}: {nearest} of {reach}");
            }
        }
        assert!(touching * 2 > pairs, "{touching} of {pairs}");
    }
}
