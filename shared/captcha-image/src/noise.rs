//! A light curve and specks. They are thinner and lighter than any letter, and ink only ever adds up, so they
//! never hide one.

use crate::canvas::{Canvas, INK};
use crate::dice::Dice;
use crate::glyphs::Point;
use crate::warp::Wave;
use crate::{HEIGHT, WIDTH};

/// The level of the noise at its darkest.
pub const LEVEL: u8 = INK / 2;

const SPECKS: usize = 28;
/// The curve's pieces are this many pixels wide.
const STRIDE: u16 = 6;

pub fn scatter(canvas: &mut Canvas, dice: &mut Dice) {
    curve(canvas, dice);
    for _ in 0..SPECKS {
        let at = Point { x: dice.between(0.0, f32::from(WIDTH)), y: dice.between(0.0, f32::from(HEIGHT)) };
        let to = Point { x: at.x + dice.around(4.0), y: at.y + dice.around(4.0) };
        canvas.segment(at, to, dice.between(0.6, 1.2), LEVEL);
    }
}

/// One curve from edge to edge.
fn curve(canvas: &mut Canvas, dice: &mut Dice) {
    let middle = f32::from(HEIGHT) * dice.between(0.3, 0.7);
    let slope = dice.around(0.12);
    let slow = Wave::new(dice, 18.0, (0.02, 0.04));
    let radius = dice.between(0.8, 1.2);
    let at = |step: u16| {
        let x = f32::from(step * STRIDE);
        let y = middle + slope * (x - f32::from(WIDTH) / 2.0) + slow.at(x);
        Point { x, y }
    };
    for step in 0..WIDTH / STRIDE {
        canvas.segment(at(step), at(step + 1), radius, LEVEL);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn noise_never_takes_ink_away_nor_looks_like_a_letter() {
        for number in 0..50 {
            let mut plain = Canvas::blank();
            let corner = Point { x: 40.0, y: 20.0 };
            plain.segment(corner, Point { x: 200.0, y: 80.0 }, 3.5, INK);
            let mut noisy = plain.clone();
            scatter(&mut noisy, &mut Dice::new([number; 32]));
            for (before, after) in plain.into_levels().into_iter().zip(noisy.into_levels()) {
                assert!(after >= before && (after == before || after <= LEVEL));
            }
        }
    }
}
