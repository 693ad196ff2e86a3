//! The grid of pixels and the pen that draws on it.

#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "coordinates are clamped to the picture's few hundred pixels, levels to 0..=15"
)]

use crate::glyphs::{Node, Point};
use crate::{HEIGHT, WIDTH};

/// The level of full ink; 0 is bare paper. Sixteen levels are four bits a pixel.
pub const INK: u8 = 15;

/// The level of a seam.
const SEAM: u8 = 8;
/// How far a seam shows beyond the letter's ink, in pixels.
const SEAM_WIDTH: f32 = 1.5;

/// Pixels that are computed together. The width is a multiple of it.
const LANES: usize = 8;
const _: () = assert!((WIDTH as usize).is_multiple_of(LANES));
const OFFSETS: [f32; LANES] = [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0];

/// A grid of `HEIGHT` rows of `WIDTH` levels.
#[cfg_attr(test, derive(Clone))]
pub struct Canvas {
    levels: Vec<u8>,
    /// No letter's ink lies further right than this.
    right: f32,
}

impl Canvas {
    pub fn blank() -> Self {
        Self { levels: vec![0; usize::from(WIDTH) * usize::from(HEIGHT)], right: 0.0 }
    }

    pub fn into_levels(self) -> Vec<u8> {
        self.levels
    }

    /// Draws a letter in full ink with a round pen, on top of what is there: a light seam shows people where
    /// it overlaps its neighbour.
    pub fn letter(&mut self, nodes: &[Node], radius: f32) {
        let strokes = || nodes.windows(2).filter(|pair| pair[1].joined);
        let seam = radius + SEAM_WIDTH;
        let before = self.right;
        for pair in strokes() {
            if pair[0].at.x.min(pair[1].at.x) - seam - 1.0 < before {
                self.lighten(pair[0].at, pair[1].at, seam);
            }
        }
        for pair in strokes() {
            self.segment(pair[0].at, pair[1].at, radius, INK);
            self.right = self.right.max(pair[0].at.x.max(pair[1].at.x) + radius + 1.0);
        }
    }

    /// Lightens what is already there to at most [`SEAM`].
    fn lighten(&mut self, from: Point, to: Point, radius: f32) {
        self.cover(from, to, radius, |level, cover| level.min(rounded(f32::from(INK) - cover * f32::from(INK - SEAM))));
    }

    /// Draws one straight stroke with a round pen.
    pub fn segment(&mut self, from: Point, to: Point, radius: f32, level: u8) {
        let full = f32::from(level);
        self.cover(from, to, radius, |level, cover| level.max(rounded(cover * full)));
    }

    /// Paints every pixel near the segment by how far the pen covers it, from 0 to 1: edges are one pixel soft.
    fn cover(&mut self, from: Point, to: Point, radius: f32, paint: impl Fn(u8, f32) -> u8) {
        let reach = radius + 1.0;
        let span = |a: f32, b: f32, limit: u16| {
            let limit = f32::from(limit);
            let low = (a.min(b) - reach).clamp(0.0, limit) as usize;
            let high = (a.max(b) + reach).ceil().clamp(0.0, limit) as usize;
            low..high
        };
        let columns = span(from.x, to.x, WIDTH);
        let columns = columns.start / LANES * LANES..columns.end.next_multiple_of(LANES);
        let (dx, dy) = (to.x - from.x, to.y - from.y);
        let squared = (dx * dx + dy * dy).max(f32::EPSILON);
        let (along_x, along_y) = (dx / squared, dy / squared);
        for row in span(from.y, to.y, HEIGHT) {
            let start = row * usize::from(WIDTH);
            let py = row as f32 + 0.5 - from.y;
            let mut left = columns.start as f32 + 0.5 - from.x;
            let cells = &mut self.levels[start + columns.start..start + columns.end];
            // Eight pixels at a time, without a branch, become vector instructions.
            for cells in cells.as_chunks_mut::<LANES>().0 {
                let covers = OFFSETS.map(|offset| {
                    let px = left + offset;
                    let part = (px * along_x + py * along_y).clamp(0.0, 1.0);
                    let (ex, ey) = (px - part * dx, py - part * dy);
                    let distance = (ex * ex + ey * ey).sqrt();
                    (radius + 0.5 - distance).clamp(0.0, 1.0)
                });
                for (cell, cover) in cells.iter_mut().zip(covers) {
                    *cell = paint(*cell, cover);
                }
                left += LANES as f32;
            }
        }
    }
}

/// The whole number nearest to a value from 0 to 255. Added to 2^23 it is left in the low bits: the compiler can
/// do that to many pixels at a time, which it cannot with a cast that must saturate.
fn rounded(value: f32) -> u8 {
    (value + 8_388_608.0).to_bits() as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inked(from: [f32; 2], to: [f32; 2]) -> Vec<(usize, u8)> {
        let mut canvas = Canvas::blank();
        let [from, to] = [from, to].map(|[x, y]| Point { x, y });
        canvas.segment(from, to, 2.0, INK);
        let levels = canvas.into_levels().into_iter().enumerate();
        levels.filter(|(_, level)| *level > 0).collect()
    }

    #[test]
    fn a_stroke_is_as_wide_as_its_pen_and_soft_at_its_edge() {
        let column = inked([100.0, 50.0], [120.0, 50.0]);
        let levels: Vec<u8> =
            (column.iter()).filter(|(index, _)| index % 240 == 110).map(|(_, level)| *level).collect();
        assert_eq!(levels, [15, 15, 15, 15]);
        let softened = inked([100.0, 50.25], [120.0, 50.25]);
        assert!(softened.iter().any(|(_, level)| *level < INK));
    }

    #[test]
    fn a_letter_lies_on_its_neighbour_with_a_light_seam_and_none_on_paper() {
        let mut canvas = Canvas::blank();
        let stroke = |places: [[f32; 2]; 2]| places.map(|[x, y]| Node { at: Point { x, y }, joined: true });
        canvas.letter(&stroke([[40.0, 40.0], [80.0, 40.0]]), 3.0);
        let before = canvas.clone().into_levels();
        canvas.letter(&stroke([[60.0, 20.0], [60.0, 60.0]]), 3.0);
        let after = canvas.into_levels();
        let pixel = |x: usize| 40 * usize::from(WIDTH) + x;
        assert_eq!([50, 60].map(|x| after[pixel(x)]), [INK, INK]);
        assert_eq!([56, 63].map(|x| before[pixel(x)]), [INK, INK]);
        assert_eq!([56, 63].map(|x| after[pixel(x)]), [SEAM, SEAM]);
        let bare = 30 * usize::from(WIDTH) + 63;
        assert_eq!((before[bare], after[bare]), (0, 0));
    }

    #[test]
    fn strokes_beyond_the_edges_are_cut_off() {
        assert!(inked([-500.0, -50.0], [-20.0, -10.0]).is_empty());
        assert!(inked([900.0, 300.0], [f32::MAX, 1e9]).is_empty());
        assert!(!inked([-10.0, 10.0], [400.0, 90.0]).is_empty());
    }

    #[test]
    fn a_stroke_without_length_is_a_dot() {
        assert_eq!(inked([60.0, 60.0], [60.0, 60.0]).len(), 16);
    }
}
