//! The letters' shapes: centre lines of strokes, in units of the letter's height.
//!
//! They are drawn for this crate rather than taken from the `captcha` crate, whose 38-pixel serif bitmaps
//! have hairlines of two pixels that fade when they are turned and enlarged. Strokes can be warped exactly
//! and drawn at any weight.

use std::f32::consts::PI;
use std::sync::LazyLock;

use Stroke::{Arc, Line};

/// A place on the plane; y grows downwards.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    pub x: f32,
    pub y: f32,
}

/// A point of a glyph's outline.
#[derive(Clone, Copy)]
pub struct Node {
    pub at: Point,
    /// Whether the pen is down on the way here from the node before.
    pub joined: bool,
}

/// The symbols that [`crate::draw`] knows. Of each group that people confuse (0 O Q D, 1 I L, 2 Z, 5 S, 6 G,
/// 8 B, U V) at most one is in.
pub const ALPHABET: &[u8] = b"23456789ACDEFHJKMNPRTUWXY";

/// Nodes are at most this far apart, in letter heights, so that a bent line is still smooth.
const STEP: f32 = 0.085;

enum Stroke {
    Line(&'static [[f32; 2]]),
    /// Centre, radii, and the angles in degrees between which the pen goes: 0 is right, 90 is down.
    Arc([f32; 2], [f32; 2], [f32; 2]),
}

/// The glyph of a symbol of [`ALPHABET`], upper or lower case, centred on the origin and one unit high.
pub fn glyph(symbol: u8) -> Option<&'static [Node]> {
    static GLYPHS: LazyLock<Vec<Vec<Node>>> = LazyLock::new(|| {
        let flattened = |symbol: &u8| flatten(strokes(*symbol));
        ALPHABET.iter().map(flattened).collect()
    });
    let symbol = symbol.to_ascii_uppercase();
    let index = ALPHABET.iter().position(|known| *known == symbol)?;
    GLYPHS.get(index).map(Vec::as_slice)
}

fn strokes(symbol: u8) -> &'static [Stroke] {
    match symbol {
        b'2' => &[Arc([0.3, 0.28], [0.28, 0.28], [190.0, 390.0]), Line(&[[0.542, 0.42], [0.02, 1.0], [0.6, 1.0]])],
        b'3' => &[Arc([0.28, 0.25], [0.26, 0.25], [205.0, 450.0]), Arc([0.28, 0.745], [0.3, 0.255], [-90.0, 155.0])],
        b'4' => &[Line(&[[0.46, 1.0], [0.46, 0.0], [0.0, 0.68], [0.64, 0.68]])],
        b'5' => &[Line(&[[0.54, 0.0], [0.1, 0.0], [0.06, 0.45]]), Arc([0.26, 0.68], [0.31, 0.32], [-130.0, 145.0])],
        b'6' => &[Arc([0.3, 0.68], [0.28, 0.32], [0.0, 360.0]), Arc([0.52, 0.68], [0.5, 0.68], [180.0, 262.0])],
        b'7' => &[Line(&[[0.0, 0.17], [0.0, 0.0], [0.6, 0.0], [0.2, 1.0]])],
        b'8' => &[Arc([0.29, 0.24], [0.24, 0.24], [0.0, 360.0]), Arc([0.29, 0.74], [0.29, 0.26], [0.0, 360.0])],
        b'9' => &[Arc([0.28, 0.32], [0.28, 0.32], [0.0, 360.0]), Arc([0.06, 0.32], [0.5, 0.68], [0.0, 82.0])],
        b'A' => &[Line(&[[0.0, 1.0], [0.37, 0.0], [0.74, 1.0]]), Line(&[[0.13, 0.66], [0.61, 0.66]])],
        b'C' => &[Arc([0.38, 0.5], [0.38, 0.5], [-48.0, -312.0])],
        b'D' => &[Line(&[[0.2, 1.0], [0.0, 1.0], [0.0, 0.0], [0.2, 0.0]]), Arc([0.2, 0.5], [0.42, 0.5], [-90.0, 90.0])],
        b'E' => &[Line(&[[0.52, 0.0], [0.0, 0.0], [0.0, 1.0], [0.54, 1.0]]), Line(&[[0.0, 0.48], [0.44, 0.48]])],
        b'F' => &[Line(&[[0.54, 0.0], [0.0, 0.0], [0.0, 1.0]]), Line(&[[0.0, 0.48], [0.44, 0.48]])],
        b'H' => &[Line(&[[0.0, 0.0], [0.0, 1.0]]), Line(&[[0.6, 0.0], [0.6, 1.0]]), Line(&[[0.0, 0.5], [0.6, 0.5]])],
        b'J' => &[Line(&[[0.14, 0.0], [0.46, 0.0], [0.46, 0.7]]), Arc([0.23, 0.7], [0.23, 0.3], [0.0, 165.0])],
        b'K' => &[Line(&[[0.0, 0.0], [0.0, 1.0]]), Line(&[[0.58, 0.0], [0.0, 0.6]]), Line(&[[0.2, 0.42], [0.62, 1.0]])],
        b'M' => &[Line(&[[0.0, 1.0], [0.05, 0.0], [0.4, 0.7], [0.75, 0.0], [0.8, 1.0]])],
        b'N' => &[Line(&[[0.0, 1.0], [0.0, 0.0], [0.6, 1.0], [0.6, 0.0]])],
        b'P' => &[
            Line(&[[0.0, 1.0], [0.0, 0.0], [0.26, 0.0]]),
            Arc([0.26, 0.28], [0.28, 0.28], [-90.0, 90.0]),
            Line(&[[0.26, 0.56], [0.0, 0.56]]),
        ],
        b'R' => &[
            Line(&[[0.0, 1.0], [0.0, 0.0], [0.26, 0.0]]),
            Arc([0.26, 0.27], [0.28, 0.27], [-90.0, 90.0]),
            Line(&[[0.0, 0.54], [0.26, 0.54], [0.58, 1.0]]),
        ],
        b'T' => &[Line(&[[0.0, 0.0], [0.68, 0.0]]), Line(&[[0.34, 0.0], [0.34, 1.0]])],
        b'U' => &[
            Line(&[[0.0, 0.0], [0.0, 0.66]]),
            Arc([0.32, 0.66], [0.32, 0.34], [180.0, 0.0]),
            Line(&[[0.64, 0.66], [0.64, 0.0]]),
        ],
        b'W' => &[Line(&[[0.0, 0.0], [0.22, 1.0], [0.48, 0.2], [0.74, 1.0], [0.96, 0.0]])],
        b'X' => &[Line(&[[0.0, 0.0], [0.62, 1.0]]), Line(&[[0.62, 0.0], [0.0, 1.0]])],
        b'Y' => &[Line(&[[0.0, 0.0], [0.34, 0.5], [0.68, 0.0]]), Line(&[[0.34, 0.5], [0.34, 1.0]])],
        _ => &[],
    }
}

fn flatten(strokes: &[Stroke]) -> Vec<Node> {
    let mut nodes = Vec::new();
    for stroke in strokes {
        match stroke {
            Line(corners) => trace_line(corners, &mut nodes),
            Arc(centre, radii, angles) => trace_arc(*centre, *radii, *angles, &mut nodes),
        }
    }
    centre_on_origin(&mut nodes);
    nodes
}

fn trace_line(corners: &[[f32; 2]], nodes: &mut Vec<Node>) {
    let mut from = None;
    for &[x, y] in corners {
        let to = Point { x, y };
        match from {
            None => nodes.push(Node { at: to, joined: false }),
            Some(Point { x, y }) => {
                let length = (to.x - x).hypot(to.y - y);
                nodes.extend(steps(length).map(|part| Node {
                    at: Point { x: x + (to.x - x) * part, y: y + (to.y - y) * part },
                    joined: true,
                }));
            }
        }
        from = Some(to);
    }
}

fn trace_arc(centre: [f32; 2], radii: [f32; 2], angles: [f32; 2], nodes: &mut Vec<Node>) {
    let [from, to] = angles.map(|degrees| degrees * PI / 180.0);
    let at = |angle: f32| Point { x: centre[0] + radii[0] * angle.cos(), y: centre[1] + radii[1] * angle.sin() };
    nodes.push(Node { at: at(from), joined: false });
    let length = (to - from).abs() * radii[0].max(radii[1]);
    nodes.extend(steps(length).map(|part| Node { at: at(from + (to - from) * part), joined: true }));
}

/// The ends of equal parts, each at most [`STEP`] long, of a way of this length: the last is 1.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "a stroke is a few units long, so it has some tens of steps"
)]
fn steps(length: f32) -> impl Iterator<Item = f32> {
    let count = (length / STEP).ceil().max(1.0) as usize;
    (1..=count).map(move |step| step as f32 / count as f32)
}

fn centre_on_origin(nodes: &mut [Node]) {
    let width = nodes.iter().fold(0.0_f32, |widest, node| widest.max(node.at.x));
    for node in nodes {
        node.at.x -= width / 2.0;
        node.at.y -= 0.5;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_symbol_has_strokes_of_letter_height() {
        for symbol in ALPHABET {
            let heights = glyph(*symbol).unwrap().iter().map(|node| node.at.y);
            let (low, high) = heights.fold((0.0_f32, 0.0_f32), |(low, high), y| (low.min(y), high.max(y)));
            let height = high - low;
            assert!((0.97..1.03).contains(&height), "{}: {height}", char::from(*symbol));
        }
    }

    #[test]
    fn of_each_group_that_people_confuse_one_symbol_is_in() {
        for group in ["0OQD", "1IL", "2Z", "5S", "6G", "8B", "UV"] {
            let known = group.bytes().filter(|symbol| ALPHABET.contains(symbol));
            assert!(known.count() <= 1, "{group}");
        }
        assert!(ALPHABET.len() >= 24);
    }

    #[test]
    fn other_characters_have_no_glyph() {
        for symbol in (0..=u8::MAX).filter(|symbol| !ALPHABET.contains(&symbol.to_ascii_uppercase())) {
            assert!(glyph(symbol).is_none());
        }
    }
}
