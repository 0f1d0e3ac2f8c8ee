//! Choice of the code that runs: which form of an operation, and which vector instructions.
//!
//! [`vectorized!`] writes a loop once, in plain Rust, and compiles it for AVX-512, for AVX2 and for the
//! target's own baseline. The loops never ask for fused multiply-add and never reorder a sum, so all three
//! give the same bits.

use candle_core::{DType, Tensor};

/// Whether the fused form of an operation takes this tensor: f32 on the CPU. Any other takes the `reference`.
pub(crate) fn is_fused(tensor: &Tensor) -> bool {
    tensor.device().is_cpu() && tensor.dtype() == DType::F32
}

/// The vector instructions that a loop may use. Only this module makes one, after it has asked the processor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Level(Kind);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Portable,
    #[cfg(target_arch = "x86_64")]
    Avx2,
    #[cfg(target_arch = "x86_64")]
    Avx512,
}

impl Level {
    /// The instructions of every processor of this target.
    #[cfg(test)]
    pub(crate) const PORTABLE: Self = Self(Kind::Portable);

    /// The widest that this processor has. The standard library asks it once and remembers.
    pub(crate) fn best() -> Self {
        #[cfg(target_arch = "x86_64")]
        {
            use std::arch::is_x86_feature_detected as has;
            if has!("avx512f") && has!("avx512bw") && has!("avx512dq") && has!("avx512vl") {
                return Self(Kind::Avx512);
            }
            if has!("avx2") {
                return Self(Kind::Avx2);
            }
        }
        Self(Kind::Portable)
    }

    /// All that this processor has.
    #[cfg(test)]
    pub(crate) fn available() -> Vec<Self> {
        let mut levels = vec![Self::PORTABLE];
        #[cfg(target_arch = "x86_64")]
        {
            if std::arch::is_x86_feature_detected!("avx2") {
                levels.push(Self(Kind::Avx2));
            }
            if Self::best() == Self(Kind::Avx512) {
                levels.push(Self::best());
            }
        }
        levels
    }

    #[cfg(target_arch = "x86_64")]
    pub(crate) fn is_avx512(self) -> bool {
        self.0 == Kind::Avx512
    }

    #[cfg(target_arch = "x86_64")]
    pub(crate) fn is_avx2(self) -> bool {
        self.0 == Kind::Avx2
    }
}

/// Name of the vector instructions that the kernels use on this processor: `AVX-512`, `AVX2`, or `portable`
/// for those of every processor of the target.
pub fn vector_instructions() -> &'static str {
    match Level::best().0 {
        Kind::Portable => "portable",
        #[cfg(target_arch = "x86_64")]
        Kind::Avx2 => "AVX2",
        #[cfg(target_arch = "x86_64")]
        Kind::Avx512 => "AVX-512",
    }
}

/// A function that takes a [`Level`] first and runs its body compiled for that level.
macro_rules! vectorized {
    (
        $(#[$meta:meta])*
        $vis:vis fn $name:ident$(<$generic:ident: $bound:ident>)?(
            $($arg:ident: $ty:ty),* $(,)?
        ) $(-> $ret:ty)?
        $body:block
    ) => {
        $(#[$meta])*
        $vis fn $name$(<$generic: $bound>)?(level: $crate::dispatch::Level, $($arg: $ty),*) $(-> $ret)? {
            #[inline(always)]
            fn portable$(<$generic: $bound>)?($($arg: $ty),*) $(-> $ret)? $body

            #[cfg(target_arch = "x86_64")]
            {
                #[target_feature(enable = "avx2")]
                fn avx2$(<$generic: $bound>)?($($arg: $ty),*) $(-> $ret)? {
                    portable($($arg),*)
                }
                #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl")]
                fn avx512$(<$generic: $bound>)?($($arg: $ty),*) $(-> $ret)? {
                    portable($($arg),*)
                }
                if level.is_avx512() {
                    // SAFETY: the call needs the four features. `Level`'s field is private to `dispatch`,
                    // which makes this value only after `is_x86_feature_detected` has found all four.
                    return unsafe { avx512($($arg),*) };
                }
                if level.is_avx2() {
                    // SAFETY: as above, with AVX2.
                    return unsafe { avx2($($arg),*) };
                }
            }
            let _ = level;
            portable($($arg),*)
        }
    };
}

pub(crate) use vectorized;
