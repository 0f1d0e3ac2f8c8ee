//! The context that every part of a run has at hand.

use assort_settings::Checked;
use candle_core::Device;

use crate::{Advice, Event, Listener, Request};

/// A run under way: what was asked for, what was found meanwhile, and who is told.
pub struct Context<'r> {
    /// The request.
    pub request: &'r Request,
    /// The hyper-parameters, with the sizes that files have decided.
    pub config: Checked,
    /// Where to compute.
    pub device: &'r Device,
    listener: &'r mut dyn Listener,
}

impl<'r> Context<'r> {
    /// The beginning of a run.
    pub fn new(request: &'r Request, device: &'r Device, listener: &'r mut dyn Listener) -> Self {
        Self { request, config: request.config.clone(), device, listener }
    }

    /// Tells the listener.
    pub fn tell(&mut self, event: &Event) {
        self.listener.tell(event);
    }

    /// Tells the listener of something that the user should know.
    pub fn warn(&mut self, message: String) {
        self.tell(&Event::Warning { message, advice: None });
    }

    /// A message with the remedy in the words of the front.
    pub fn advised(&self, message: String, advice: &Advice) -> String {
        let remedy = self.listener.advise(advice).unwrap_or_default();
        format!("{message}{remedy}")
    }

    /// The listener itself, for whoever watches steps.
    pub fn listener(&mut self) -> &mut dyn Listener {
        &mut *self.listener
    }
}
