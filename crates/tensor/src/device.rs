//! The device by name.

use std::str::FromStr;

use candle_core::{Device, DeviceLocation};

use crate::{Error, Result};

/// Where tensors live: `auto`, `cpu`, `cuda`, `cuda:1`, `metal`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DeviceChoice {
    /// CUDA or Metal where the build has it and the machine too, else the CPU.
    #[default]
    Auto,
    /// The processor.
    Cpu,
    /// The CUDA device of this number.
    Cuda(usize),
    /// The Metal device of this number.
    Metal(usize),
}

impl DeviceChoice {
    /// Opens the device.
    ///
    /// # Errors
    /// If it was named and this build or machine lacks it.
    pub fn open(self) -> Result<Device> {
        use candle_core::utils::{cuda_is_available, metal_is_available};
        match self {
            Self::Cpu => Ok(Device::Cpu),
            Self::Auto if cuda_is_available() => Self::Cuda(0).open(),
            Self::Auto if metal_is_available() => Self::Metal(0).open(),
            Self::Auto => Ok(Device::Cpu),
            Self::Cuda(_) if !cuda_is_available() => Err(Error::NotBuilt("cuda")),
            Self::Metal(_) if !metal_is_available() => Err(Error::NotBuilt("metal")),
            Self::Cuda(number) => Device::new_cuda(number)
                .map_err(|e| Error::Device(format!("the device cuda:{number} does not open: {e}"))),
            Self::Metal(number) => Device::new_metal(number)
                .map_err(|e| Error::Device(format!("the device metal:{number} does not open: {e}"))),
        }
    }
}

/// A device's name, as [`DeviceChoice`] reads it: `cpu`, `cuda:0`, `metal:0`.
pub fn device_name(device: &Device) -> String {
    match device.location() {
        DeviceLocation::Cpu => "cpu".into(),
        DeviceLocation::Cuda { gpu_id } => format!("cuda:{gpu_id}"),
        DeviceLocation::Metal { gpu_id } => format!("metal:{gpu_id}"),
    }
}

impl FromStr for DeviceChoice {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let (kind, number) = match text.split_once(':') {
            Some((kind, number)) => (kind, number.parse().ok()),
            None => (text, Some(0)),
        };
        match (kind, number) {
            ("auto", Some(0)) => Ok(Self::Auto),
            ("cpu", Some(0)) => Ok(Self::Cpu),
            ("cuda", Some(number)) => Ok(Self::Cuda(number)),
            ("metal", Some(number)) => Ok(Self::Metal(number)),
            _ => {
                Err(Error::Device(format!("`{text}` is no device: choose auto, cpu, cuda, cuda:N or metal")))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: Option<DeviceChoice>) {
        assert_eq!(text.parse().ok(), expect, "{text}");
    }

    #[test]
    fn names() {
        check("auto", Some(DeviceChoice::Auto));
        check("cpu", Some(DeviceChoice::Cpu));
        check("cuda", Some(DeviceChoice::Cuda(0)));
        check("cuda:3", Some(DeviceChoice::Cuda(3)));
        check("metal", Some(DeviceChoice::Metal(0)));
        check("cuda:x", None);
        check("gpu", None);
        check("", None);
        check(&device_name(&Device::Cpu), Some(DeviceChoice::Cpu));
    }
}
