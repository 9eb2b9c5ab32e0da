//! `i3 product`: lists, shows, searches, creates, edits, repairs and deletes products.

mod args;
mod create;
mod delete;
mod edit;
mod output;
mod repair;
mod search;
mod show;

use clap::{Args, Subcommand};

use crate::cli::ui::Ui;

/// List, show, search, create, edit and delete products: the topics that are sold
///
/// Products are listed over REST, which every marketplace has. REST needs the API key, which 'login' saves.
///
/// With --json a product is {"topic", "id", "seller", "type", "description", "price", "sale_price"}; sale_price is null
/// unless the product is on sale.
#[derive(Args)]
#[command(subcommand_required = true, arg_required_else_help = true)]
pub struct Product {
    #[command(subcommand)]
    command: ProductCommand,
}

#[derive(Subcommand)]
enum ProductCommand {
    List(search::List),
    Show(show::Show),
    Search(search::Search),
    Create(Box<create::Create>),
    Edit(Box<edit::Edit>),
    Repair(Box<repair::Repair>),
    Delete(delete::Delete),
}

impl Product {
    /// Runs the command.
    ///
    /// # Errors
    /// Anything that keeps it from being done, or from being confirmed.
    pub fn run(self, ui: &Ui) -> anyhow::Result<()> {
        match self.command {
            ProductCommand::List(command) => command.run(ui),
            ProductCommand::Show(command) => command.run(ui),
            ProductCommand::Search(command) => command.run(ui),
            ProductCommand::Create(command) => command.run(ui),
            ProductCommand::Edit(command) => command.run(ui),
            ProductCommand::Repair(command) => command.run(ui),
            ProductCommand::Delete(command) => command.run(ui),
        }
    }
}
