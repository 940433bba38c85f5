using System.Text;
using Microsoft.AspNetCore.Http.Features;

namespace RestKv.Api.Telemetry;

/// <summary>The path and the parameters that name a key range. Others, which might be secrets by mistake, are left out.</summary>
internal static class SlowRequestTarget
{
    private const int LengthMax = 300;

    private static readonly string[] RangeParameters =
    [
        "prefix", "prefix64", "start", "start64", "end", "end64", "key", "key64",
        "delimiter", "limit", "rev", "sort", "order", "countOnly", "values",
    ];

    public static string Describe(HttpContext context)
    {
        // The path as it was sent: routing works on a rewritten one.
        var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        var text = new StringBuilder(target.Split('?')[0]);
        var separator = '?';
        foreach (var name in RangeParameters)
        {
            foreach (var value in context.Request.Query[name])
            {
                text.Append(separator).Append(name).Append('=').Append(Uri.EscapeDataString(value ?? ""));
                separator = '&';
            }
        }

        if (text.Length > LengthMax)
        {
            text.Length = LengthMax;
            text.Append('…');
        }

        return text.ToString();
    }
}
