//! The Home tab: what concerns one person, on a page that they alone see.

use slack_morphism::blocks::{SlackBlock, SlackHomeView, SlackView};

use crate::chat::slack::limits;
use crate::chat::slack::render::Rendered;

/// The message as a view. What has no room in a message, and stands in its thread elsewhere, has room here.
pub(super) fn view(rendered: Rendered) -> SlackView {
    let further = rendered.thread.into_iter().flat_map(|page| page.blocks);
    let blocks: Vec<SlackBlock> =
        rendered.main.blocks.into_iter().chain(further).take(limits::VIEW_BLOCKS).collect();
    SlackView::Home(SlackHomeView::new(blocks))
}
