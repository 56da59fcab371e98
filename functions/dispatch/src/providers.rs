//! The providers that the shop has chosen by its variables: the first one of each channel whose key
//! is given.

use domain::Channel;
use edge::{Ctx, Problem};
use http::StatusCode;
use messages::{Aliyun, JPush, Provider, Resend, SendGrid, Twilio, aliyun};

/// The provider of a channel. One that is not set up says so when it is given something to send.
pub async fn provider(ctx: &Ctx, channel: Channel) -> Result<Box<dyn Provider>, Problem> {
    Ok(match channel {
        Channel::Sms if chosen(ctx, "twilio_account", "aliyun_sms_key_id").await? => {
            Box::new(Twilio {
                account: ctx.variable("twilio_account").await?,
                auth_token: ctx.variable("twilio_auth_token").await?,
                base: ctx.variable("twilio_base").await?,
                from: ctx.variable("twilio_from").await?,
            })
        }
        Channel::Sms => Box::new(Aliyun {
            key_id: ctx.variable("aliyun_sms_key_id").await?,
            key_secret: ctx.variable("aliyun_sms_key_secret").await?,
            base: ctx.variable("aliyun_sms_base").await?,
            sign_name: ctx.variable("aliyun_sms_sign_name").await?,
            templates: templates(ctx).await?,
        }),
        Channel::Email if chosen(ctx, "sendgrid_api_key", "resend_api_key").await? => {
            Box::new(SendGrid {
                api_key: ctx.variable("sendgrid_api_key").await?,
                base: ctx.variable("sendgrid_base").await?,
                from: ctx.variable("email_from").await?,
            })
        }
        Channel::Email => Box::new(Resend {
            api_key: ctx.variable("resend_api_key").await?,
            base: ctx.variable("resend_base").await?,
            from: ctx.variable("email_from").await?,
        }),
        Channel::Push => Box::new(JPush {
            app_key: ctx.variable("jpush_app_key").await?,
            master_secret: ctx.variable("jpush_master_secret").await?,
            base: ctx.variable("jpush_base").await?,
            production: ctx.variable("jpush_production").await? != "false",
        }),
    })
}

/// The second choice of a channel, where only its key is given.
async fn chosen(ctx: &Ctx, second: &str, first: &str) -> Result<bool, Problem> {
    Ok(ctx.variable(first).await?.is_empty() && !ctx.variable(second).await?.is_empty())
}

async fn templates(ctx: &Ctx) -> Result<aliyun::Templates, Problem> {
    aliyun::templates(&ctx.variable("aliyun_sms_templates").await?).map_err(|error| {
        eprintln!("the variable aliyun_sms_templates holds no templates: {error}");
        let detail = "the SMS templates are not readable";
        Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "not_configured", detail)
    })
}
