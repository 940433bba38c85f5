namespace RestKv.Api.Security;

/// <summary>
/// Endpoint metadata: this GET changes something, so pages of other sites may not ask it, as if it were a write. The method
/// says nothing here, and the path cannot be judged before routing has decoded it.
/// </summary>
internal sealed class ChangesState
{
    public static readonly ChangesState Instance = new();
}
