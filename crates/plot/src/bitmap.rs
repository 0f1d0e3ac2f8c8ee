use plotters_backend::{BackendColor, BackendCoord, BackendStyle, DrawingBackend, DrawingErrorKind};
use plotters_bitmap::BitMapBackend;

/// plotters' bitmap with round corners and ends for thick lines, like those of the SVG.
pub(crate) struct Bitmap<'a>(BitMapBackend<'a>);

impl<'a> Bitmap<'a> {
    /// Draws on `pixels`, three bytes each, row after row; they must be as many as `size` says.
    pub(crate) fn new(pixels: &'a mut [u8], size: (u32, u32)) -> Bitmap<'a> {
        Bitmap(BitMapBackend::with_buffer(pixels, size))
    }
}

type DrawingResult<'a> =
    std::result::Result<(), DrawingErrorKind<<BitMapBackend<'a> as DrawingBackend>::ErrorType>>;

impl<'a> DrawingBackend for Bitmap<'a> {
    type ErrorType = <BitMapBackend<'a> as DrawingBackend>::ErrorType;

    fn get_size(&self) -> (u32, u32) {
        self.0.get_size()
    }

    fn ensure_prepared(&mut self) -> DrawingResult<'a> {
        self.0.ensure_prepared()
    }

    fn present(&mut self) -> DrawingResult<'a> {
        self.0.present()
    }

    fn draw_pixel(&mut self, point: BackendCoord, color: BackendColor) -> DrawingResult<'a> {
        self.0.draw_pixel(point, color)
    }

    fn draw_rect<S: BackendStyle>(
        &mut self,
        upper_left: BackendCoord,
        bottom_right: BackendCoord,
        style: &S,
        fill: bool,
    ) -> DrawingResult<'a> {
        self.0.draw_rect(upper_left, bottom_right, style, fill)
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        path: I,
        style: &S,
    ) -> DrawingResult<'a> {
        let points: Vec<BackendCoord> = path.into_iter().collect();
        let colour = style.color();
        let half = f64::from(style.stroke_width()) / 2.0;
        for pair in points.windows(2) {
            let &[from, to] = pair else { continue };
            let (along, down) = (f64::from(to.0 - from.0), f64::from(to.1 - from.1));
            let length = along.hypot(down);
            if length < 0.5 {
                continue;
            }
            let (right, under) = (down / length * half, along / length * half);
            let corner = |(x, y): BackendCoord, sign: f64| {
                ((f64::from(x) + sign * right).round() as i32, (f64::from(y) - sign * under).round() as i32)
            };
            let corners = [corner(from, 1.0), corner(to, 1.0), corner(to, -1.0), corner(from, -1.0)];
            if along == 0.0 || down == 0.0 {
                let low = (corners.map(|c| c.0).into_iter().min(), corners.map(|c| c.1).into_iter().min());
                let high = (corners.map(|c| c.0).into_iter().max(), corners.map(|c| c.1).into_iter().max());
                if let (Some(left), Some(top), Some(right), Some(bottom)) = (low.0, low.1, high.0, high.1) {
                    self.draw_rect((left, top), (right, bottom), &colour, true)?;
                }
            } else {
                self.fill_polygon(corners, &colour)?;
            }
        }
        if style.stroke_width() > 4 {
            for point in points {
                self.draw_circle(point, half as u32, &colour, true)?;
            }
        }
        Ok(())
    }
}
