using System.Reflection;

namespace RestKv.Api.Hosting;

/// <summary>
/// True while a build runs this program only to read the OpenAPI document from it: then no data directory may be opened, no
/// port taken and no replica started.
/// </summary>
internal static class BuildTimeDocument
{
    public static bool IsActive { get; } = Assembly.GetEntryAssembly()?.GetName().Name == "GetDocument.Insider";
}
