//! Why a system call failed.

use std::fmt;

use crate::network::packet::NetError;

/// The reason a system call gives when it fails. Prints as the C library words it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Errno {
    /// EPERM
    NotPermitted,
    /// ENOENT
    NotFound,
    /// ESRCH
    NoProcess,
    /// ENOEXEC
    ExecFormat,
    /// EBADF
    BadDescriptor,
    /// ECHILD
    NoChild,
    /// EACCES
    PermissionDenied,
    /// EBUSY
    Busy,
    /// EEXIST
    Exists,
    /// EXDEV
    CrossDevice,
    /// ENOTDIR
    NotDirectory,
    /// EISDIR
    IsDirectory,
    /// EINVAL
    Invalid,
    /// ENOTTY
    NotTerminal,
    /// EFBIG
    TooLarge,
    /// ENOSPC
    NoSpace,
    /// ESPIPE
    NotSeekable,
    /// EROFS
    ReadOnly,
    /// EPIPE
    BrokenPipe,
    /// ENAMETOOLONG
    NameTooLong,
    /// ENOTEMPTY
    NotEmpty,
    /// ELOOP
    Loop,
    /// EADDRINUSE
    AddressInUse,
    /// EADDRNOTAVAIL
    AddressNotAvailable,
    /// ENETUNREACH
    NetworkUnreachable,
    /// ECONNRESET
    ConnectionReset,
    /// ETIMEDOUT
    TimedOut,
    /// EINPROGRESS
    InProgress,
    /// ECONNREFUSED
    ConnectionRefused,
    /// EHOSTUNREACH
    HostUnreachable,
    /// ENOTSOCK
    NotSocket,
}

impl Errno {
    /// Its number on Linux.
    pub fn number(self) -> u8 {
        match self {
            Errno::NotPermitted => 1,
            Errno::NotFound => 2,
            Errno::NoProcess => 3,
            Errno::ExecFormat => 8,
            Errno::BadDescriptor => 9,
            Errno::NoChild => 10,
            Errno::PermissionDenied => 13,
            Errno::Busy => 16,
            Errno::Exists => 17,
            Errno::CrossDevice => 18,
            Errno::NotDirectory => 20,
            Errno::IsDirectory => 21,
            Errno::Invalid => 22,
            Errno::NotTerminal => 25,
            Errno::TooLarge => 27,
            Errno::NoSpace => 28,
            Errno::NotSeekable => 29,
            Errno::ReadOnly => 30,
            Errno::BrokenPipe => 32,
            Errno::NameTooLong => 36,
            Errno::NotEmpty => 39,
            Errno::Loop => 40,
            Errno::NotSocket => 88,
            Errno::AddressInUse => 98,
            Errno::AddressNotAvailable => 99,
            Errno::NetworkUnreachable => 101,
            Errno::ConnectionReset => 104,
            Errno::TimedOut => 110,
            Errno::InProgress => 115,
            Errno::ConnectionRefused => 111,
            Errno::HostUnreachable => 113,
        }
    }

    /// The text `strerror` has for it: glibc's, which musl shares for all but a few.
    pub fn text(self) -> &'static str {
        match self {
            Errno::NotPermitted => "Operation not permitted",
            Errno::NotFound => "No such file or directory",
            Errno::NoProcess => "No such process",
            Errno::ExecFormat => "Exec format error",
            Errno::BadDescriptor => "Bad file descriptor",
            Errno::NoChild => "No child processes",
            Errno::PermissionDenied => "Permission denied",
            Errno::Busy => "Device or resource busy",
            Errno::Exists => "File exists",
            Errno::CrossDevice => "Invalid cross-device link",
            Errno::NotDirectory => "Not a directory",
            Errno::IsDirectory => "Is a directory",
            Errno::Invalid => "Invalid argument",
            Errno::NotTerminal => "Inappropriate ioctl for device",
            Errno::TooLarge => "File too large",
            Errno::NoSpace => "No space left on device",
            Errno::NotSeekable => "Illegal seek",
            Errno::ReadOnly => "Read-only file system",
            Errno::BrokenPipe => "Broken pipe",
            Errno::NameTooLong => "File name too long",
            Errno::NotEmpty => "Directory not empty",
            Errno::Loop => "Too many levels of symbolic links",
            Errno::AddressInUse => "Address already in use",
            Errno::AddressNotAvailable => "Cannot assign requested address",
            Errno::NetworkUnreachable => "Network is unreachable",
            Errno::ConnectionReset => "Connection reset by peer",
            Errno::TimedOut => "Connection timed out",
            Errno::InProgress => "Operation now in progress",
            Errno::ConnectionRefused => "Connection refused",
            Errno::HostUnreachable => "No route to host",
            Errno::NotSocket => "Socket operation on non-socket",
        }
    }
}

impl From<NetError> for Errno {
    fn from(error: NetError) -> Self {
        match error {
            NetError::AddressInUse => Errno::AddressInUse,
            NetError::AddressNotAvailable => Errno::AddressNotAvailable,
            NetError::NetworkUnreachable => Errno::NetworkUnreachable,
            NetError::Reset => Errno::ConnectionReset,
            NetError::TimedOut => Errno::TimedOut,
            NetError::Refused => Errno::ConnectionRefused,
            NetError::HostUnreachable => Errno::HostUnreachable,
        }
    }
}

impl fmt::Display for Errno {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}

impl std::error::Error for Errno {}
