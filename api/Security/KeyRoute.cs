namespace RestKv.Api.Security;

/// <summary>Which of the routes with a key in the path a request is on.</summary>
internal enum KeyRoute : byte
{
    None = 0,
    Kv = 1,
    Kv64 = 2,
    History = 3,
    History64 = 4,
}
