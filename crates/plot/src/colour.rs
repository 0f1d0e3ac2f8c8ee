//! Colours that the colour-blind tell apart, and an even scale for shares.

/// A colour in sRGB.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Colour(pub u8, pub u8, pub u8);

pub(crate) const WHITE: Colour = Colour(255, 255, 255);
const BLACK: Colour = Colour(0, 0, 0);
/// Titles, names and values.
pub(crate) const INK: Colour = Colour(31, 35, 40);
/// Axis words and notes.
pub(crate) const QUIET: Colour = Colour(89, 96, 104);
/// Axis lines.
pub(crate) const RULE: Colour = Colour(140, 148, 156);
/// Grid lines.
pub(crate) const GRID: Colour = Colour(228, 231, 235);
/// Cells without a value.
pub(crate) const UNDEFINED: Colour = Colour(238, 238, 238);

/// The palette of Okabe and Ito, *Color Universal Design* (2008), without its yellow, which vanishes on
/// white.
const PALETTE: [Colour; 7] = [
    Colour(0, 114, 178),
    Colour(213, 94, 0),
    Colour(0, 158, 115),
    Colour(204, 121, 167),
    Colour(230, 159, 0),
    Colour(86, 180, 233),
    Colour(0, 0, 0),
];

/// The colour of the series at `index`; repeats after seven.
pub(crate) fn series(index: usize) -> Colour {
    PALETTE.get(index % PALETTE.len()).copied().unwrap_or(INK)
}

/// A share between 0 and 1 as a blue whose lightness falls evenly.
///
/// A straight line of lightness in OKLCh (Björn Ottosson, *A perceptual color space*, 2020) at one hue,
/// with the chroma that sRGB has room for.
pub(crate) fn share(share: f64) -> Colour {
    let share = if share.is_finite() { share.clamp(0.0, 1.0) } else { 0.0 };
    let lightness = 0.985 - 0.635 * share;
    let chroma = 0.006 + 0.135 * (std::f64::consts::PI * share.powf(0.8) * 0.72).sin();
    let hue = 250f64.to_radians();
    oklab(lightness, chroma * hue.cos(), chroma * hue.sin())
}

/// `colour` mixed with white: 1 leaves it, 0 gives white.
pub(crate) fn tint(colour: Colour, strength: f64) -> Colour {
    let mix = |channel: u8| (255.0 - (255.0 - f64::from(channel)) * strength).round() as u8;
    Colour(mix(colour.0), mix(colour.1), mix(colour.2))
}

/// The text colour, black or white, with the higher contrast on `ground`.
pub(crate) fn text_on(ground: Colour) -> Colour {
    if contrast(BLACK, ground) >= contrast(WHITE, ground) { BLACK } else { WHITE }
}

/// The contrast ratio of the Web Content Accessibility Guidelines 2.2, between 1 and 21.
pub(crate) fn contrast(one: Colour, other: Colour) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

fn luminance(colour: Colour) -> f64 {
    let linear = |channel: u8| {
        let value = f64::from(channel) / 255.0;
        if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * linear(colour.0) + 0.7152 * linear(colour.1) + 0.0722 * linear(colour.2)
}

fn oklab(lightness: f64, a: f64, b: f64) -> Colour {
    let long = (lightness + 0.396_337_777_4 * a + 0.215_803_757_3 * b).powi(3);
    let medium = (lightness - 0.105_561_345_8 * a - 0.063_854_172_8 * b).powi(3);
    let short = (lightness - 0.089_484_177_5 * a - 1.291_485_548_0 * b).powi(3);
    let channel = |linear: f64| {
        let linear = linear.clamp(0.0, 1.0);
        let value =
            if linear <= 0.003_130_8 { 12.92 * linear } else { 1.055 * linear.powf(1.0 / 2.4) - 0.055 };
        (value * 255.0).round() as u8
    };
    Colour(
        channel(4.076_741_662_1 * long - 3.307_711_591_3 * medium + 0.230_969_929_2 * short),
        channel(-1.268_438_004_6 * long + 2.609_757_401_1 * medium - 0.341_319_396_5 * short),
        channel(-0.004_196_086_3 * long - 0.703_418_614_7 * medium + 1.707_614_701_0 * short),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scale_darkens_at_every_step() {
        let lights: Vec<f64> = (0..=100).map(|step| luminance(share(f64::from(step) / 100.0))).collect();
        assert!(lights.windows(2).all(|pair| pair[1] <= pair[0]), "{lights:?}");
        assert!(lights[0] > 0.9 && lights[100] < 0.06);
    }

    #[test]
    fn words_on_the_scale_can_be_read() {
        for step in 0..=100 {
            let ground = share(f64::from(step) / 100.0);
            assert!(contrast(text_on(ground), ground) >= 4.5, "{step} % {ground:?}");
        }
    }

    #[test]
    fn series_colours_differ_from_white() {
        for index in 0..7 {
            assert!(contrast(series(index), WHITE) > 2.0, "{index}");
        }
    }

    #[test]
    fn shares_outside_the_scale_are_clamped() {
        assert_eq!(share(-1.0), share(0.0));
        assert_eq!(share(7.0), share(1.0));
        assert_eq!(share(f64::NAN), share(0.0));
    }
}
