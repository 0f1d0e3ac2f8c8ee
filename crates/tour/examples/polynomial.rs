//! A curve through three points by gradient descent, and the surface that it goes down.
//!
//! With a path, it also draws the surface: `… --example polynomial -- surface.svg`.

use std::io::{self, Write};

use assort_plot::{LineChart, Series};
use assort_tour::{Result, mean_squared_error, show};
use candle_core::{Device, Tensor, Var};

/// (x, y).
const POINTS: [(f32, f32); 3] = [(-1., 1.), (1., 2.), (2., 3.)];
const RATE: f64 = 0.1;
const STEPS: usize = 200;

/// y = a·x² + b at the points.
fn predictions(a: &Tensor, b: &Tensor) -> candle_core::Result<Tensor> {
    Tensor::new(&POINTS.map(|point| point.0), a.device())?.sqr()?.broadcast_mul(a)?.broadcast_add(b)
}

/// Their mean squared error.
fn loss(a: &Tensor, b: &Tensor) -> candle_core::Result<Tensor> {
    let y = Tensor::new(&POINTS.map(|point| point.1), a.device())?;
    mean_squared_error(&predictions(a, b)?, &y)
}

/// (a, b, loss) before each step and after the last.
fn descent() -> Result<Vec<(f32, f32, f32)>> {
    let (a, b) = (Var::new(-0.5f32, &Device::Cpu)?, Var::new(3f32, &Device::Cpu)?);
    let mut way = Vec::new();
    for step in 0..=STEPS {
        let loss = loss(&a, &b)?;
        way.push((a.to_scalar()?, b.to_scalar()?, loss.to_scalar()?));
        let gradients = loss.backward()?;
        for var in [&a, &b] {
            let slope = gradients.get(var).ok_or("no gradient")?;
            if step < STEPS {
                var.set(&(var.as_tensor() - (slope * RATE)?)?)?;
            }
        }
    }
    Ok(way)
}

pub(crate) fn lesson(out: &mut dyn Write) -> Result {
    let one = Tensor::new(1f32, &Device::Cpu)?;
    let (found, error) = (predictions(&one, &one)?, loss(&one, &one)?);
    writeln!(out, "at a = b = 1 the curve gives {}, with the loss {}\n", show(&found)?, show(&error)?)?;
    let way = descent()?;
    writeln!(out, "step       a       b    loss")?;
    for step in [0, 1, 2, 5, 10, 20, 50, 100, STEPS] {
        let (a, b, loss) = way[step];
        writeln!(out, "{step:>4} {a:>7.4} {b:>7.4} {loss:>7.4}")?;
    }
    writeln!(
        out,
        "\nthe least-squares answer is a = 0.5, b = 1, with the loss 1/6: the curve y = 0.5·x² + 1 passes"
    )?;
    writeln!(
        out,
        "(2, 3) and halves the way between the points at x = -1 and 1, which it cannot tell apart"
    )?;

    writeln!(out, "\nthe surface: the loss over a (across) and b (down)")?;
    let (across, down) = ([-0.5f32, 0., 0.5, 1., 1.5], [-1f32, 0., 1., 2., 3.]);
    writeln!(out, "{:>6}{}", "", across.map(|a| format!("{a:>8.1}")).join(""))?;
    for b in down {
        let mut line = format!("{b:>6.1}");
        for a in across {
            let (a, b) = (Tensor::new(a, &Device::Cpu)?, Tensor::new(b, &Device::Cpu)?);
            line += &format!("{:>8.3}", loss(&a, &b)?.to_scalar::<f32>()?);
        }
        writeln!(out, "{line}")?;
    }
    Ok(())
}

/// Lines of equal loss and the way down. The loss is (b - 1 + 2·(a - 0.5))² + 2·(a - 0.5)² + 1/6: ellipses.
pub(crate) fn picture() -> Result<LineChart> {
    let contour = |level: f64| {
        let radius = (level - 1.0 / 6.0).sqrt();
        let point = |step: u32| {
            let (sin, cos) = (f64::from(step) * std::f64::consts::TAU / 120.0).sin_cos();
            let right = radius * sin / 2f64.sqrt();
            (0.5 + right, 1.0 + radius * cos - 2.0 * right)
        };
        Series { name: format!("loss {level}"), points: (0..=120).map(point).collect() }
    };
    let mut series: Vec<Series> = [0.25, 1.0, 2.5].map(contour).into();
    // In thousandths, so that the last bits of a machine's arithmetic do not show.
    let rounded = |x: f32| (f64::from(x) * 1000.0).round() / 1000.0;
    let way = descent()?.into_iter().map(|(a, b, _)| (rounded(a), rounded(b)));
    series.push(Series { name: "the way down".into(), points: way.collect() });
    Ok(LineChart {
        title: "Loss of y = a·x² + b at three points".into(),
        x_name: "a".into(),
        y_name: "b".into(),
        series,
        ..LineChart::default()
    })
}

fn main() -> Result {
    if let Some(path) = std::env::args().nth(1) {
        std::fs::write(path, picture()?.svg()?)?;
    }
    lesson(&mut io::stdout())
}
