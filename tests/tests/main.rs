//! The promises, one file each, kept by real processes in throwaway homes.

mod the_house_is_tidy;
