namespace RestKv.Api.Http;

/// <summary>
/// Compresses what can be long and is text: listings, histories and the document. Never values (their bytes and tags are exact),
/// streams of events (they must not wait in a buffer) or short answers.
/// </summary>
internal static class Compression
{
    public static void AddRestKvCompression(this IServiceCollection services) =>
        services.AddResponseCompression(options =>
        {
            options.EnableForHttps = true;
            options.MimeTypes = [KvHeaders.Json, KvHeaders.NdJson];
        });

    public static void UseRestKvCompression(this WebApplication app) =>
        app.UseWhen(IsWanted, branch => branch.UseResponseCompression());

    private static bool IsWanted(HttpContext context)
    {
        if (context.Request.Headers.AcceptEncoding.Count == 0 || !HttpMethods.IsGet(context.Request.Method))
        {
            return false;
        }

        return context.Request.Path.Value is "/v1/kv" or "/v1/history/-" or "/v1/history64/-" or "/openapi/v1.json";
    }
}
