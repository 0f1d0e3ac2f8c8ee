//! Draws curves, matrices and bars as SVG and PNG.
