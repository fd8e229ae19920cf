//! What web servers answer: the status for a path, by the files that they serve.

use super::Image;
use crate::container::view::View;

/// The status of the answer to `GET target`; none where the image's main program does not speak HTTP. Redirects to a
/// directory's own path are followed.
pub fn answer(image: &Image, files: &View<'_>, target: &str) -> Option<u16> {
    let (root, index) = image.serves?;
    if root.is_empty() {
        return Some(200);
    }
    let path = target.split(['?', '#']).next().unwrap_or_default().trim_matches('/');
    let file = format!("{root}/{path}");
    Some(if files.is_directory(&file) {
        if files.exists(&format!("{file}/{index}")) { 200 } else { 403 }
    } else if !files.exists(&file) || target.ends_with('/') {
        404
    } else if files.read(&file).is_ok() {
        200
    } else {
        403
    })
}
