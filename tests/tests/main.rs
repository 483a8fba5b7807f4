//! The promises, one file each, kept by real processes in throwaway homes.

mod a_crash_is_told;
mod a_damaged_group_stops_nobody_else;
mod a_full_disk_refuses_and_recovers;
mod a_kill_loses_nothing_accepted;
mod a_slow_reader_slows_nobody;
mod a_template_is_applied_whole;
mod a_torn_tail_is_cut_off;
mod agents_outlive_us;
mod an_older_home_comes_over;
mod bad_input_is_refused;
mod every_op_is_documented_and_reachable;
mod everything_we_write_is_private;
mod idle_means_idle;
mod messages_wait_for_the_right_moment;
mod only_ledgerd_writes;
mod replay_gives_the_same_state;
mod secrets_stay_secret;
mod the_demo_shows_a_conversation;
mod the_house_is_tidy;
mod the_older_implementation_agrees;
mod the_published_client_works;
mod the_quick_start_works;
mod the_same_request_twice_writes_once;
mod the_supervisor_leaves_nobody_behind;
mod what_cannot_be_written_is_not_acknowledged;
mod who_speaks_is_proven;
