//! A PyPI of our own: a stranger to everything but the words.

use namewarden_base::model;

pub mod sim;
