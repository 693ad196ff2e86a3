//! How one letter is turned, scaled and bent.

use crate::dice::Dice;
use crate::glyphs::{Node, Point};

/// A letter's height in pixels before it is scaled at random.
pub const LETTER_HEIGHT: f32 = 54.0;

/// One letter's share of chance. Turns stay below 17 degrees, where letters still read at a glance.
pub struct Warp {
    turn: (f32, f32),
    scale: (f32, f32),
    shear: f32,
    sway: Wave,
    sag: Wave,
    lift: f32,
}

impl Warp {
    pub fn new(dice: &mut Dice) -> Self {
        let size = dice.between(0.84, 1.18) * LETTER_HEIGHT;
        Self {
            turn: dice.around(0.29).sin_cos(),
            scale: (size * dice.between(0.76, 1.26), size),
            shear: dice.around(0.15),
            sway: Wave::new(dice, 0.05, (2.5, 5.0)),
            sag: Wave::new(dice, 0.05, (3.0, 6.0)),
            lift: dice.around(8.0),
        }
    }

    /// Takes a node of a glyph one unit high to pixels, around the letter's centre.
    pub fn apply(&self, node: &Node) -> Node {
        let Point { x, y } = node.at;
        let bent_x = (x - self.shear * y + self.sway.at(y)) * self.scale.0;
        let bent_y = (y + self.sag.at(x)) * self.scale.1;
        let (sin, cos) = self.turn;
        let at = Point { x: bent_x * cos - bent_y * sin, y: bent_x * sin + bent_y * cos + self.lift };
        Node { at, ..*node }
    }
}

/// A sine wave with a random height, pace and phase.
pub struct Wave {
    height: f32,
    pace: f32,
    phase: f32,
}

impl Wave {
    /// The height is at most `highest`; `paces` bounds the radians that pass in a unit.
    pub fn new(dice: &mut Dice, highest: f32, paces: (f32, f32)) -> Self {
        Self {
            height: dice.between(0.4, 1.0) * highest,
            pace: dice.between(paces.0, paces.1),
            phase: dice.between(0.0, std::f32::consts::TAU),
        }
    }

    pub fn at(&self, place: f32) -> f32 {
        self.height * (place * self.pace + self.phase).sin()
    }
}
